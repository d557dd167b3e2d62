#include <putki/value/customer_revenue.hpp>

#include <putki/core/error.hpp>

#include "value/revenue_records.hpp"
#include "value/valuing.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace putki {

// Of a default CustomerRevenue.
struct NobodysWorld final : CustomerRevenue::World::Drawn {
  void add_customers(std::span<const double>, RandomStream&, std::span<double>) const override {}
  void add_newcomer(double, std::span<const double>, RandomStream&, std::span<double>, double) const override {}
  CustomersFuture future(double, double, RandomStream&) const override { return {}; }
  double residual_value_of_newcomer(double, RandomStream&) const override { return 0; }
};
struct Nobody final : CustomerRevenue::Records {
  std::size_t customer_count() const override { return 0; }
  double expected(double, double) const override { return 0; }
  double expected_of_newcomer(double, double) const override { return 0; }
  double residual_value(double) const override { return 0; }
  double residual_value_of_newcomer(double) const override { return 0; }
  std::shared_ptr<const CustomerRevenue::World::Drawn> draw(RandomStream&) const override {
    return std::make_shared<NobodysWorld>();
  }
};

namespace {

void check_window(double from, double to) {
  if (!(0 <= from && from <= to && std::isfinite(to)))
    throw InvalidArgument(fmt::format("revenue of days {} to {}; 0 <= from <= to, finite, is allowed", from, to));
}

void check_edges(std::span<const double> edges, std::span<double> revenue) {
  if (edges.size() != revenue.size() + 1)
    throw InvalidArgument(
        fmt::format("{} edges of {} periods; one more than periods is needed", edges.size(), revenue.size()));
  double last = 0;
  for (const double edge : edges) {
    if (!(edge >= last) || !std::isfinite(edge))
      throw InvalidArgument(
          fmt::format("edge of a period on day {} after {}; ascending days from 0 on are allowed", edge, last));
    last = edge;
  }
}

}  // namespace

CustomerRevenue::CustomerRevenue() : records_(std::make_shared<Nobody>()) {}
CustomerRevenue::CustomerRevenue(std::shared_ptr<const Records> records) : records_(std::move(records)) {}

std::size_t CustomerRevenue::customer_count() const {
  return records_->customer_count();
}

double CustomerRevenue::expected(double from, double to) const {
  check_window(from, to);
  return records_->expected(from, to);
}

double CustomerRevenue::expected_of_newcomer(double from, double to) const {
  check_window(from, to);
  return records_->expected_of_newcomer(from, to);
}

double CustomerRevenue::residual_value(double annual_discount) const {
  check_annual_discount(annual_discount);
  return records_->residual_value(annual_discount);
}

double CustomerRevenue::residual_value_of_newcomer(double annual_discount) const {
  check_annual_discount(annual_discount);
  return records_->residual_value_of_newcomer(annual_discount);
}

CustomerRevenue::World CustomerRevenue::draw(RandomStream& stream) const {
  return World(records_->draw(stream));
}

CustomerRevenue::World::World(std::shared_ptr<const Drawn> drawn) : drawn_(std::move(drawn)) {}

void CustomerRevenue::World::add_customers(std::span<const double> edges, RandomStream& stream,
                                           std::span<double> revenue) const {
  check_edges(edges, revenue);
  drawn_->add_customers(edges, stream, revenue);
}

void CustomerRevenue::World::add_newcomer(double won, std::span<const double> edges, RandomStream& stream,
                                          std::span<double> revenue, double scale) const {
  check_edges(edges, revenue);
  if (!(won >= 0) || !std::isfinite(won))
    throw InvalidArgument(fmt::format("a customer won on day {}; 0 or later is allowed", won));
  if (!(scale >= 0) || !std::isfinite(scale))
    throw InvalidArgument(fmt::format("a newcomer's revenue times {}; 0 or more is allowed", scale));
  if (won < edges.back()) drawn_->add_newcomer(won, edges, stream, revenue, scale);
}

double CustomerRevenue::World::residual_value(double annual_discount, RandomStream& stream) const {
  check_annual_discount(annual_discount);
  return drawn_->future(0, annual_discount, stream).value;
}

double CustomerRevenue::World::residual_value_of_newcomer(double annual_discount, RandomStream& stream) const {
  check_annual_discount(annual_discount);
  return drawn_->residual_value_of_newcomer(annual_discount, stream);
}

}  // namespace putki
