#pragma once

#include <corymb/core/types.hpp>

#include <Eigen/Cholesky>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

CORYMB_BEGIN
namespace detail {

/// A matrix of products exp(u_i + v_l) in logarithms: those u ≥ least_u and v ≥ least_v that minimise
/// Σ_i p_i u_i + Σ_l q_l v_l + Σ_il S_il exp(−u_i − v_l), where Σ_i p_i = Σ_l q_l. The best v for u is known, and what
/// it leaves is a convex function of u. Its minimum is found by Newton's method on all u that their bound does not hold
/// (Bertsekas 1982), since going on in turns between u and v takes thousands of turns where a factor nears its bound.
/// Time O(m³ + m l) a step for m × l products.
class LogarithmsOfProducts {
 public:
  /// @param S  ≥ 0
  /// @param p  > 0, as q
  LogarithmsOfProducts(Eigen::MatrixXd S, const Vector& p, const Vector& q, double least_u, double least_v)
      : S_(std::move(S)), p_(p), q_(q), least_u_(least_u), least_v_(least_v), v_(q.size()) {}

  /// @param u  where to start
  void minimize(const Vector& start) {
    constexpr int most_steps = 200, most_halvings = 60;
    u_ = start.cwiseMax(least_u_);
    double value = value_at(u_);
    for (int step = 0; step < most_steps; ++step) {
      const Vector slope = p_ - E_.rowwise().sum();
      const Vector downhill = (u_ - slope.cwiseQuotient(p_)).cwiseMax(least_u_);
      if (slope.dot(u_ - downhill) <= least_gain * p_.sum()) break;
      const Vector move = newton_move(slope);
      const auto moved = [&](double part) { return Vector((u_ + part * move).cwiseMax(least_u_)); };
      Vector next = moved(1);
      double found = value_at(next);
      // So near the minimum each move is good, though rounding hides the gain.
      const bool is_near = (next - u_).cwiseAbs().maxCoeff() < 1e-5;
      for (int halving = 0; !is_near && !(found < value) && halving < most_halvings; ++halving) {
        next = moved(std::exp2(-1 - halving));
        found = value_at(next);
      }
      if (!is_near && !(found < value)) break;
      value = found;
      u_ = next;
    }
    value_at(u_);
  }

  const Vector& u() const { return u_; }
  const Vector& v() const { return v_; }  ///< the best for u

 private:
  static constexpr double least_gain = 1e-24;  // slopes vanish to twelve digits
  static constexpr double near_bound = 1e-9;   // of a logarithm that may be held by its bound
  static constexpr double longest_move = 4;    // an exponential is like its parabola no further

  /// Also leaves the best v, and E = S_il exp(−u_i − v_l).
  double value_at(const Vector& u) {
    E_ = Vector((-u).array().exp()).asDiagonal() * S_;
    for (Index l = 0; l < q_.size(); ++l) {
      v_[l] = std::max(std::log(E_.col(l).sum() / q_[l]), least_v_);
      E_.col(l) *= std::exp(-v_[l]);
    }
    return p_.dot(u) + q_.dot(v_) + E_.sum();
  }

  /// From u_, of which v_ and E_ are.
  Vector newton_move(const Vector& slope) const {
    Vector move = -slope.cwiseQuotient(p_);
    std::vector<Index> free, free_v;
    for (Index i = 0; i < p_.size(); ++i)
      if (u_[i] > least_u_ + near_bound || slope[i] < 0) free.push_back(i);
    for (Index l = 0; l < q_.size(); ++l)
      if (v_[l] > least_v_) free_v.push_back(l);
    if (!free.empty()) {
      // A common factor may go from u to v: there is a direction without curvature.
      constexpr double ridge = 1e-6;
      const Eigen::MatrixXd F = E_(free, free_v) * q_(free_v).cwiseSqrt().cwiseInverse().asDiagonal();
      Eigen::MatrixXd H = -F * F.transpose();
      H.diagonal() += E_(free, Eigen::all).rowwise().sum() + ridge * p_(free);
      const Vector of_free = H.llt().solve(-slope(free));
      if (of_free.allFinite()) move(free) = of_free;
    }
    return move * std::min(1.0, longest_move / move.cwiseAbs().maxCoeff());
  }

  const Eigen::MatrixXd S_;
  const Vector& p_;
  const Vector& q_;
  const double least_u_;
  const double least_v_;
  Vector u_;
  Vector v_;
  Eigen::MatrixXd E_;
};

}  // namespace detail
CORYMB_END
