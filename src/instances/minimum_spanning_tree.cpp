#include <corymb/graph/minimum_spanning_tree.hpp>

CORYMB_BEGIN
namespace detail {

CORYMB_SPANNING_TREE_INSTANCES(template, float);
CORYMB_SPANNING_TREE_INSTANCES(template, double);

}  // namespace detail
CORYMB_END
