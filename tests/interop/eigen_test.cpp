#include <putki/interop/eigen.hpp>

#include <Eigen/LU>
#include <catch2/catch.hpp>

#include <type_traits>
#include <utility>

using namespace putki;

namespace {

Matrix two_by_three() {
  Matrix matrix(2, 3);
  for (std::size_t row = 0; row < 2; ++row) {
    for (std::size_t column = 0; column < 3; ++column) {
      matrix(row, column) = static_cast<double>(10 * row + column);
    }
  }
  return matrix;
}

template <class M>
concept Viewable = requires(M&& matrix) {
  as_eigen(std::forward<M>(matrix));
};

}  // namespace

TEST_CASE("the view has the matrix's elements in their places, and shares them") {
  Matrix matrix = two_by_three();
  auto view = as_eigen(matrix);
  REQUIRE(view.rows() == 2);
  REQUIRE(view.cols() == 3);
  for (Eigen::Index row = 0; row < 2; ++row) {
    for (Eigen::Index column = 0; column < 3; ++column) {
      CHECK(view(row, column) == static_cast<double>(10 * row + column));
      CHECK(&view(row, column) == &matrix(static_cast<std::size_t>(row), static_cast<std::size_t>(column)));
    }
  }
  view *= 2.0;
  CHECK(matrix(1, 2) == 24.0);
  as_eigen(matrix).row(0) = Eigen::RowVector3d(1.0, 2.0, 3.0);
  CHECK(matrix.row(0)[2] == 3.0);
}

TEST_CASE("a const matrix is viewed read only, a temporary not at all") {
  const Matrix matrix = two_by_three();
  const auto view = as_eigen(matrix);
  CHECK(view(1, 2) == 12.0);
  CHECK(view.data() == matrix.values().data());
  STATIC_REQUIRE(std::is_same_v<decltype(as_eigen(matrix)), ConstEigenView>);
  STATIC_REQUIRE(Viewable<Matrix&>);
  STATIC_REQUIRE(Viewable<const Matrix&>);
  STATIC_REQUIRE_FALSE(Viewable<Matrix>);
  STATIC_REQUIRE_FALSE(Viewable<const Matrix>);
}

TEST_CASE("Eigen's algorithms run on it") {
  Matrix matrix(2, 2);
  matrix(0, 0) = 2.0;
  matrix(0, 1) = 1.0;
  matrix(1, 0) = 1.0;
  matrix(1, 1) = 1.0;
  as_eigen(matrix) = as_eigen(matrix).inverse().eval();
  // The inverse of (2 1; 1 1) is (1 -1; -1 2).
  CHECK(matrix(0, 0) == Approx(1.0));
  CHECK(matrix(0, 1) == Approx(-1.0));
  CHECK(matrix(1, 0) == Approx(-1.0));
  CHECK(matrix(1, 1) == Approx(2.0));
}

TEST_CASE("an empty matrix is an empty view") {
  Matrix matrix;
  CHECK(as_eigen(matrix).size() == 0);
  CHECK(as_eigen(std::as_const(matrix)).size() == 0);
}
