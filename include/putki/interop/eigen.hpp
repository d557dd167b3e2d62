#pragma once
/// \file
/// `Matrix` as an Eigen matrix, without copying.
///
///     const auto a = putki::as_eigen(matrix);              // reads, and writes when `matrix` is not const
///     Eigen::VectorXd row_sums = a.rowwise().sum();
///     putki::as_eigen(matrix) = a * 2.0;                   // sizes must agree, as for any Eigen::Map
///
/// A view is a pointer and two sizes: valid as long as the Matrix lives and is not assigned, moved from or swapped;
/// an element changed on one side is changed on the other. Rows are contiguous (Eigen::RowMajor) and the data is not
/// over-aligned (Eigen::Unaligned), whatever vector instructions the program is built with. An empty Matrix is a map of
/// 0 x 0. Views of temporaries do not compile.
///
/// Opt-in: this header needs Eigen 3.4 or later, which putki itself does not ask for. It is header-only, and of no use
/// inside putki, which keeps Eigen under a name of its own.

#include <putki/core/matrix.hpp>

#include <Eigen/Core>

namespace putki {

using EigenRowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using EigenView = Eigen::Map<EigenRowMajor>;
using ConstEigenView = Eigen::Map<const EigenRowMajor>;

/// Row i, column j of the view is `matrix(i, j)`. O(1).
inline EigenView as_eigen(Matrix& matrix) {
  return {matrix.values().data(), static_cast<Eigen::Index>(matrix.rows()),
          static_cast<Eigen::Index>(matrix.columns())};
}
/// The same, read only.
inline ConstEigenView as_eigen(const Matrix& matrix) {
  return {matrix.values().data(), static_cast<Eigen::Index>(matrix.rows()),
          static_cast<Eigen::Index>(matrix.columns())};
}
ConstEigenView as_eigen(const Matrix&&) = delete;

}  // namespace putki
