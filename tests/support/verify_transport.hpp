#pragma once

#include <corymb/core/types.hpp>

#include <algorithm>
#include <cmath>
#include <sstream>
#include <string>

// What a plan of transport and its potentials must satisfy, from the definition.
namespace verify {

/// How far a plan may be from what it should be.
struct TransportTolerance {
  double mass = 1e-13;  ///< relative to all mass
  double cost = 1e-12;  ///< relative to the range of the finite costs, which must not be far from 0
};

/// Empty if the plan (n × k) sends the masses of the rows to the columns: no mass is negative, none goes where it is
/// forbidden, all of it arrives.
inline std::string plan_error(const Eigen::MatrixXd& cost, const Eigen::MatrixXd& plan, const corymb::Vector& row_mass,
                              const corymb::Vector& column_mass, TransportTolerance tolerance = {}) {
  std::ostringstream why;
  if (plan.rows() != cost.rows() || plan.cols() != cost.cols()) return "shapes";
  const double slack = tolerance.mass * row_mass.sum();
  for (Eigen::Index i = 0; i < plan.rows(); ++i)
    for (Eigen::Index j = 0; j < plan.cols(); ++j) {
      if (plan(i, j) >= 0 && (plan(i, j) == 0 || std::isfinite(cost(i, j)))) continue;
      why << "plan(" << i << ", " << j << ") is " << plan(i, j) << " at a cost of " << cost(i, j);
      return why.str();
    }
  for (Eigen::Index i = 0; i < plan.rows(); ++i) {
    const double sent = plan.row(i).sum();
    if (std::abs(sent - row_mass[i]) <= slack) continue;
    why << "row " << i << " sends " << sent << " instead of " << row_mass[i];
    return why.str();
  }
  for (Eigen::Index j = 0; j < plan.cols(); ++j) {
    const double got = plan.col(j).sum();
    if (std::abs(got - column_mass[j]) <= slack) continue;
    why << "column " << j << " gets " << got << " instead of " << column_mass[j];
    return why.str();
  }
  return "";
}

/// Empty if also f_i + g_j ≤ cost everywhere, with equality where mass is sent, and both sides cost the same.
inline std::string optimality_error(const Eigen::MatrixXd& cost, const Eigen::MatrixXd& plan,
                                    const corymb::Vector& row_mass, const corymb::Vector& column_mass,
                                    const corymb::Vector& f, const corymb::Vector& g, double stated_cost,
                                    TransportTolerance tolerance = {}) {
  std::ostringstream why;
  if (f.size() != cost.rows() || g.size() != cost.cols()) return "shapes of the potentials";
  if (std::string error = plan_error(cost, plan, row_mass, column_mass, tolerance); !error.empty()) return error;
  double scale = 0, primal = 0;
  for (const double value : cost.reshaped())
    if (std::isfinite(value)) scale = std::max(scale, std::abs(value));
  const double slack = tolerance.cost * scale;
  for (Eigen::Index i = 0; i < cost.rows(); ++i)
    for (Eigen::Index j = 0; j < cost.cols(); ++j) {
      const double reduced = cost(i, j) - f[i] - g[j];
      if (!(reduced >= -slack)) {
        why << "the potentials of row " << i << " and column " << j << " exceed the cost by " << -reduced;
        return why.str();
      }
      if (plan(i, j) == 0) continue;
      primal += plan(i, j) * cost(i, j);
      if (reduced > slack) {
        why << "row " << i << " sends to column " << j << ", whose cost exceeds the potentials by " << reduced;
        return why.str();
      }
    }
  const double gap = (tolerance.cost + tolerance.mass) * scale * row_mass.sum();
  const double dual = f.dot(row_mass) + g.dot(column_mass);
  if (!(std::abs(primal - stated_cost) <= gap)) {
    why << "the cost is " << primal << ", stated is " << stated_cost;
    return why.str();
  }
  // Masses that a plan misses are worth as much as the potentials are.
  const double missed = tolerance.mass * row_mass.sum() * (f.cwiseAbs().sum() + g.cwiseAbs().sum());
  if (!(std::abs(primal - dual) <= gap + missed)) {
    why << "the potentials prove a cost of " << dual << ", it is " << primal;
    return why.str();
  }
  return "";
}

}  // namespace verify
