// expected: corymb::read_csv: T must be float or double
#include <corymb/io/csv.hpp>

corymb::Index rows() { return corymb::read_csv<ENTRY(float, int)>("points.csv").values.rows(); }
