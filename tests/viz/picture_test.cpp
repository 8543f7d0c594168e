#include <corymb/viz/picture.hpp>

#include <corymb/core/errors.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/message_of.hpp"
#include "viz/svg_reader.hpp"

namespace picture_test {
namespace {

using corymb::GridOptions;
using corymb::Picture;
using corymb_test::read_svg;

Picture rectangle(double width, double height, const std::string& name) {
  return {width, height, "<rect x=\"0\" y=\"0\" width=\"1\" height=\"1\" id=\"" + name + "\"/>\n"};
}

TEST(Grid, PlacesPicturesInRows) {
  const std::vector<Picture> pictures = {rectangle(10, 20, "a"), rectangle(30, 5, "b"), rectangle(20, 10, "c")};
  const Picture grid = corymb::grid(pictures, {.columns = 2});
  EXPECT_EQ(grid.width, 50);   // 20 beside 30
  EXPECT_EQ(grid.height, 30);  // 20 above 10
  const auto elements = read_svg(to_svg(grid));
  ASSERT_EQ(elements.size(), 4u);  // the paper first
  EXPECT_EQ(elements[0].attributes.at("width"), "50");
  EXPECT_EQ(elements[1].attributes.at("id"), "a");
  EXPECT_EQ(elements[1].left, 0);
  EXPECT_EQ(elements[2].left, 20);
  EXPECT_EQ(elements[2].top, 0);
  EXPECT_EQ(elements[3].left, 0);
  EXPECT_EQ(elements[3].top, 20);
}

TEST(Grid, ChoosesColumnsAndMakesRoomForATitle) {
  const std::vector<Picture> pictures(5, rectangle(10, 10, "a"));
  EXPECT_EQ(corymb::grid(pictures).width, 30);
  EXPECT_EQ(corymb::grid(pictures).height, 20);
  EXPECT_EQ(corymb::grid(pictures, {.columns = 9}).width, 50);
  const Picture titled = corymb::grid(pictures, {.columns = 1, .title = "five"});
  EXPECT_EQ(titled.height, 34 + 50);
  const auto elements = read_svg(to_svg(corymb::grid({corymb::grid({pictures}), titled}, {.title = "nested"})));
  EXPECT_EQ(elements.size(), 1u + 1 + 5 + 1 + 5);
}

TEST(Grid, BadArguments) {
  const auto message = [](const std::vector<Picture>& pictures, const GridOptions& options) {
    return corymb_test::message_of([&] { corymb::grid(pictures, options); });
  };
  EXPECT_EQ(message({}, {}), "corymb::grid: pictures is empty; at least 1 is needed");
  EXPECT_EQ(message({rectangle(1, 1, "a")}, {.columns = -1}),
            "corymb::grid: columns = -1 must be at least 0 (0 = automatic)");
}

TEST(WriteSvg, WritesTheTextOrNothing) {
  const std::filesystem::path folder = ::testing::TempDir() + "corymb_write_svg";
  std::filesystem::create_directory(folder);
  const std::string path = (folder / "a.svg").string();
  const Picture picture = rectangle(3, 4, "a");
  write_svg(path, picture);
  std::ifstream file(path, std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), to_svg(picture));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
  EXPECT_THROW(write_svg((folder / "none" / "a.svg").string(), picture), corymb::IoError);
  std::filesystem::remove_all(folder);
}

TEST(SvgReader, FindsWhatIsNotWellFormed) {
  const std::string head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  EXPECT_NO_THROW(read_svg(head + "<svg><g><text x=\"1\">a &amp; b</text>\n</g>\n</svg>\n"));
  for (const std::string bad :
       {"<svg>", "<svg><g></svg>\n", "<svg><text>a & b</text></svg>\n", "<svg><text x=\"1\" x=\"2\"/></svg>\n",
        "<svg><text x=1/></svg>\n", "<svg><text>a < b</text></svg>\n", "<svg></svg>\n<svg></svg>\n"})
    EXPECT_THROW(read_svg(head + bad), std::runtime_error) << bad;
}

}  // namespace
}  // namespace picture_test
