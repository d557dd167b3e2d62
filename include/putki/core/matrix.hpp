#pragma once
/// \file
/// An owning row-major matrix of doubles: enough to hand results over without a linear-algebra dependency in a public
/// header (`putki/interop/eigen.hpp` views it as an Eigen matrix without copying).
///
/// Element (i, j) is `values()[i * columns() + j]`, i from 0 to rows() - 1 and j from 0 to columns() - 1; indices are
/// not checked. A value: copies copy all elements, a moved-from matrix may only be assigned or destroyed. Spans are
/// valid until the matrix is assigned, moved or destroyed. Default: 0 x 0.

#include <cstddef>
#include <span>
#include <vector>

namespace putki {

class Matrix {
 public:
  Matrix() = default;
  /// `rows` x `columns`, every element `value`; either may be 0.
  Matrix(std::size_t rows, std::size_t columns, double value = 0.0)
      : rows_(rows), columns_(columns), values_(rows * columns, value) {}

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  double& operator()(std::size_t row, std::size_t column) { return values_[row * columns_ + column]; }
  double operator()(std::size_t row, std::size_t column) const { return values_[row * columns_ + column]; }
  /// The `columns()` elements of one row, contiguous.
  std::span<double> row(std::size_t row) { return {values_.data() + row * columns_, columns_}; }
  std::span<const double> row(std::size_t row) const { return {values_.data() + row * columns_, columns_}; }
  /// All elements, row by row.
  std::span<double> values() { return values_; }
  std::span<const double> values() const { return values_; }

  /// Same shape and equal elements; so a matrix that holds a NaN differs from itself.
  friend bool operator==(const Matrix&, const Matrix&) = default;

 private:
  std::size_t rows_ = 0;
  std::size_t columns_ = 0;
  std::vector<double> values_;
};

}  // namespace putki
