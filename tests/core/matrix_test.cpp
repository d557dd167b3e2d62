#include <putki/core/matrix.hpp>

#include <catch2/catch.hpp>

using namespace putki;

TEST_CASE("rows are contiguous and follow one another") {
  Matrix matrix(2, 3, 1.5);
  matrix(0, 2) = 2.0;
  matrix(1, 0) = 3.0;
  matrix.row(1)[1] = 4.0;
  const double expected[] = {1.5, 1.5, 2.0, 3.0, 4.0, 1.5};
  CHECK(std::equal(matrix.values().begin(), matrix.values().end(), std::begin(expected), std::end(expected)));
  CHECK(matrix.row(1).size() == 3);
  CHECK(&matrix.row(1)[0] == &matrix(1, 0));
}

TEST_CASE("matrices are equal in shape and elements") {
  CHECK(Matrix(2, 3) == Matrix(2, 3));
  CHECK_FALSE(Matrix(2, 3) == Matrix(3, 2));
  CHECK_FALSE(Matrix(2, 3) == Matrix(2, 3, 1.0));
  CHECK(Matrix() == Matrix(0, 0));
  CHECK(Matrix(0, 5).values().empty());
}
