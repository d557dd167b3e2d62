#include <pipeline.hpp>

int main() {
  return crm::pipeline().find("Won") ? 0 : 1;
}
