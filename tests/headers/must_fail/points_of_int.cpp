// expected: the entries of a matrix of points must be float or double
#include <corymb/core/points.hpp>

corymb::Index rows(const Eigen::MatrixX<ENTRY(double, int)>& X) { return corymb::Points(X).rows(); }
