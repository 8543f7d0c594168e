#pragma once

#include <corymb/mixture/gaussian_mixture_model.hpp>

#include <cstddef>

CORYMB_BEGIN
namespace detail {

/// What the covariances of a family, Σ_c = λ_c D_c diag(a_c) D_cᵀ, have in common: volumes λ_c, shapes a_c (product 1)
/// and orientations D_c. All code that tells families apart does so by these three.
struct CovarianceFamily {
  enum class Shape { identity, equal, varying };
  enum class Orientation { axes, equal, varying };
  bool volumes_vary;
  Shape shape;
  Orientation orientation;

  bool along_axes() const { return orientation == Orientation::axes; }
  bool spherical() const { return shape == Shape::identity; }
  /// All components share one covariance.
  bool shared() const { return !volumes_vary && shape != Shape::varying && orientation != Orientation::varying; }
  /// Each component has its own, whatever the others have.
  bool independent() const {
    return volumes_vary && (spherical() || (shape == Shape::varying && orientation != Orientation::equal));
  }

  /// Whether the family is the same in other units of the columns.
  bool is_free_of_units() const {
    if (along_axes()) return !spherical();
    return shared() || independent() || (volumes_vary && shape == Shape::equal && orientation == Orientation::equal) ||
           (!volumes_vary && shape == Shape::varying && orientation == Orientation::varying);
  }

  /// Covariances of k components.
  Index count(Index k) const { return shared() ? 1 : k; }
  /// A covariance is stored as rows × cols.
  Index rows(Index d) const { return spherical() ? 1 : d; }
  Index cols(Index d) const { return along_axes() ? 1 : d; }

  /// Free parameters of the covariances of k components.
  Index parameters(Index k, Index d) const {
    const Index volumes = volumes_vary ? k : 1;
    const Index shapes = spherical() ? 0 : (shape == Shape::varying ? k : 1) * (d - 1);
    const Index orientations = along_axes() ? 0 : (orientation == Orientation::varying ? k : 1) * (d * (d - 1) / 2);
    return volumes + shapes + orientations;
  }
};

inline CovarianceFamily family_of(Covariance covariance) {
  using enum CovarianceFamily::Shape;
  using O = CovarianceFamily::Orientation;
  switch (covariance) {
    case Covariance::eii: return {false, identity, O::axes};
    case Covariance::vii: return {true, identity, O::axes};
    case Covariance::eei: return {false, equal, O::axes};
    case Covariance::vei: return {true, equal, O::axes};
    case Covariance::evi: return {false, varying, O::axes};
    case Covariance::vvi: return {true, varying, O::axes};
    case Covariance::eee: return {false, equal, O::equal};
    case Covariance::vee: return {true, equal, O::equal};
    case Covariance::eve: return {false, varying, O::equal};
    case Covariance::vve: return {true, varying, O::equal};
    case Covariance::eev: return {false, equal, O::varying};
    case Covariance::vev: return {true, equal, O::varying};
    case Covariance::evv: return {false, varying, O::varying};
    case Covariance::vvv: break;
  }
  return {true, varying, O::varying};
}

/// Which of the covariances is that of component c.
inline std::size_t covariance_of(const CovarianceFamily& family, Index c) {
  return family.shared() ? 0 : static_cast<std::size_t>(c);
}

/// The degrees of freedom of component c, as a model has them: by component, or one for all.
inline double degrees_of_freedom_of(const Vector& degrees, Index c) { return degrees[degrees.size() == 1 ? 0 : c]; }

}  // namespace detail
CORYMB_END
