#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "truth.hpp"

namespace corymb::tool {

using Json = nlohmann::ordered_json;

Json to_json(const Scores& scores);

/// Prints a text on standard output. @throws IoError  It cannot be written.
void print(const std::string& text);

/// Prints a JSON object on standard output: as one line, or as aligned lines "key: value" in which numbers are rounded
/// for reading and what is null is left out. @throws IoError  Standard output cannot be written.
void print_report(const Json& report, bool as_json);

}  // namespace corymb::tool
