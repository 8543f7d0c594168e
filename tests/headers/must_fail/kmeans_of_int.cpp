// expected: the entries of a matrix of points must be float or double
#include <corymb/partition/kmeans.hpp>

corymb::Labels labels(const Eigen::MatrixX<ENTRY(float, int)>& X) { return corymb::kmeans(X, 3).labels; }
