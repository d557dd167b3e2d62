#include <putki/core/random.hpp>
#include <putki/events/order_log_builder.hpp>
#include <putki/events/order_view.hpp>

#include <algorithm>
#include <catch2/catch.hpp>

using namespace putki;
using Catch::Matchers::Contains;
using namespace std::chrono;

namespace {

const Day kJanuary{year{2024} / 1 / 1};
const CustomerId kFirst{0};

struct PlainCustomer {
  std::vector<OrderLogBuilder::Row> used;
};
struct PlainOrders {
  std::vector<PlainCustomer> customers;
  DataQualityReport report;
};

// One customer after the other, every rule written out in the words of the header.
PlainOrders plain_orders(const std::vector<OrderLogBuilder::Row>& rows, std::size_t customer_count,
                         const OrderLogOptions& options) {
  PlainOrders plain;
  bool any_amount = options.amounts_expected;
  for (const auto& row : rows) any_amount |= row.amount != kNoAmount;
  for (std::size_t c = 0; c < customer_count; ++c) {
    std::vector<OrderLogBuilder::Row> mine;
    for (const auto& row : rows) {
      if (index(row.customer) == c) mine.push_back(row);
    }
    std::stable_sort(mine.begin(), mine.end(), [](const auto& a, const auto& b) { return a.time < b.time; });
    std::vector<OrderLogBuilder::Row> used;
    for (auto row : mine) {
      plain.report.row_read();
      const Day day = options.time_zone.day_of(row.time);
      if (day < Day{year{1970} / 1 / 1} || day > Day{year{2099} / 12 / 31}) {
        plain.report.found(DataRule::time_out_of_range, row.source_row);
        continue;
      }
      const bool given = row.amount != kNoAmount;
      const bool impossible = given && std::abs(row.amount.units()) > 1e13;
      if (impossible) row.amount = kNoAmount;
      if (given && !impossible && row.amount.minor < 0 && options.returns == ReturnPolicy::set_aside) {
        plain.report.found(DataRule::negative_amount, row.source_row);
        continue;
      }
      bool bad_end = false;
      if (row.contract_end != kNoDay) {
        bad_end = row.contract_end < 0 || to_day(row.contract_end) > Day{year{2099} / 12 / 31} ||
                  to_day(row.contract_end) < day;
        if (bad_end) row.contract_end = kNoDay;
      }
      const bool told_before = std::any_of(used.begin(), used.end(), [&](const auto& other) {
        return other.time == row.time && other.amount == row.amount && other.contract_end == row.contract_end;
      });
      const bool midnight = options.time_zone.start_of(day) == row.time;
      if (told_before && (options.duplicates == DuplicatePolicy::drop ||
                          (options.duplicates == DuplicatePolicy::automatic && !midnight))) {
        plain.report.found(DataRule::duplicate_row, row.source_row);
        continue;
      }
      if (told_before) plain.report.found(DataRule::repeated_row, row.source_row);
      if (impossible) plain.report.found(DataRule::impossible_amount, row.source_row);
      if (bad_end) plain.report.found(DataRule::unreadable_contract_end, row.source_row);
      if (!given && any_amount && !row.unread_amount) plain.report.found(DataRule::missing_amount, row.source_row);
      if (row.amount == Money{0}) plain.report.found(DataRule::zero_amount, row.source_row);
      plain.report.row_used();
      used.push_back(row);
    }
    plain.customers.push_back({used});
  }
  return plain;
}

struct RandomOrders {
  OrderLogOptions options;
  std::size_t customer_count = 0;
  std::vector<OrderLogBuilder::Row> rows;
};

RandomOrders random_orders(std::uint64_t round) {
  RandomStream random(31, round);
  RandomOrders made;
  made.options.time_zone = TimeZone::parse(round % 3 == 0 ? "UTC" : "CET-1CEST,M3.5.0,M10.5.0/3");
  made.options.returns = random.below(2) ? ReturnPolicy::keep : ReturnPolicy::set_aside;
  made.options.duplicates = static_cast<DuplicatePolicy>(random.below(3));
  made.options.amounts_expected = random.below(2);
  made.customer_count = 1 + random.below(6);
  const std::size_t row_count = random.below(round % 10 == 0 ? 400 : 40);
  const bool dates_only = random.below(2);
  const bool has_ends = random.below(2);
  const bool has_amounts = random.below(5) != 0;
  const std::uint64_t span = 1 + random.below(60);
  for (std::size_t i = 0; i < row_count; ++i) {
    OrderLogBuilder::Row row{.customer = static_cast<CustomerId>(random.below(made.customer_count)), .time = {}};
    const Day day = Day{year{2012} / 3 / 20} + Days(random.below(span));
    row.time = made.options.time_zone.start_of(day);
    if (!dates_only) row.time += hours(random.below(4) * 7);
    if (random.below(50) == 0) row.time = Timestamp{} - hours(random.below(5));
    if (has_amounts && random.below(4)) row.amount = Money{static_cast<std::int64_t>(random.below(5)) - 1};
    if (has_amounts && random.below(60) == 0) row.amount = Money{random.below(2) ? INT64_MAX : -INT64_MAX};
    if (has_ends && random.below(2)) row.contract_end = 15'410 + static_cast<DayNumber>(random.below(80));
    if (has_ends && random.below(40) == 0) row.contract_end = random.below(2) ? -1 : 60'000;
    row.unread_amount = row.amount == kNoAmount && random.below(5) == 0;
    row.source_row = 2 + i * (1 + round % 2);
    made.rows.push_back(row);
  }
  return made;
}

OrderLog built(const RandomOrders& orders, const std::vector<OrderLogBuilder::Row>& rows, DataQualityReport* report) {
  OrderLogBuilder builder(orders.options);
  for (std::size_t c = 0; c < orders.customer_count; ++c) builder.customer("customer " + std::to_string(c));
  for (const auto& row : rows) builder.add(row);
  return builder.build(report);
}

}  // namespace

TEST_CASE("the order builder does what the plainest program does, on random rubbish of every kind") {
  for (std::uint64_t round = 0; round < 3000; ++round) {
    const RandomOrders orders = random_orders(round);
    DataQualityReport report;
    const OrderLog log = built(orders, orders.rows, &report);
    const PlainOrders plain = plain_orders(orders.rows, orders.customer_count, orders.options);

    REQUIRE(report.adds_up());
    REQUIRE(report.rows_read() == orders.rows.size());
    REQUIRE(report.rows_used() == log.order_count());
    REQUIRE(report.rows_used() == plain.report.rows_used());
    REQUIRE(report.findings().size() == plain.report.findings().size());
    for (const auto& [rule, finding] : plain.report.findings()) {
      INFO(name(rule) << " in round " << round);
      REQUIRE(report.count(rule) == finding.count);
      REQUIRE(report.findings().at(rule).first_rows == finding.first_rows);
    }
    REQUIRE(log.customer_count() == orders.customer_count);
    bool date_only = log.order_count() > 0;
    for (std::size_t c = 0; c < orders.customer_count; ++c) {
      REQUIRE(log.offsets()[c + 1] - log.offsets()[c] == plain.customers[c].used.size());
      for (std::size_t k = 0; k < plain.customers[c].used.size(); ++k) {
        const auto& row = plain.customers[c].used[k];
        const std::size_t i = log.offsets()[c] + k;
        REQUIRE(log.times()[i] == row.time);
        REQUIRE(log.amounts()[i] == row.amount);
        REQUIRE(to_day(log.days()[i]) == orders.options.time_zone.day_of(row.time));
        if (!log.contract_ends().empty()) REQUIRE(log.contract_ends()[i] == row.contract_end);
        date_only &= orders.options.time_zone.start_of(orders.options.time_zone.day_of(row.time)) == row.time;
      }
    }
    REQUIRE(log.date_only() == date_only);
  }
}

TEST_CASE("a view shows what a log built of the rows known by then would show") {
  for (std::uint64_t round = 0; round < 2000; ++round) {
    const RandomOrders orders = random_orders(round);
    const OrderLog log = built(orders, orders.rows, nullptr);
    RandomStream random(32, round);
    const Timestamp cut = Day{year{2012} / 3 / 18} + hours(random.below(65 * 24));
    std::vector<OrderLogBuilder::Row> known;
    for (const auto& row : orders.rows) {
      if (row.time <= cut) known.push_back(row);
    }
    const OrderLog then = built(orders, known, nullptr);
    const OrderView view(log, cut);
    std::size_t orders_seen = 0;
    view.for_each_customer([&](CustomerId customer, std::uint32_t first, std::uint32_t past) {
      const std::uint32_t begin = then.offsets()[index(customer)];
      REQUIRE(past - first == then.offsets()[index(customer) + 1] - begin);
      for (std::uint32_t i = first; i < past; ++i) {
        REQUIRE(log.times()[i] == then.times()[begin + i - first]);
        REQUIRE(log.amounts()[i] == then.amounts()[begin + i - first]);
      }
      orders_seen += past - first;
      // The end of the contract, from the rows alone: the last that states one, if no purchase is later and its day is
      // known.
      DayNumber wanted = kNoDay;
      DayNumber last_purchase = kNoDay;
      for (std::uint32_t i = first; i < past; ++i) {
        if (log.amounts()[i] != kNoAmount && log.amounts()[i] < Money{0}) continue;
        last_purchase = log.days()[i];
        if (!log.contract_ends().empty() && log.contract_ends()[i] != kNoDay) wanted = log.contract_ends()[i];
      }
      if (wanted < last_purchase || wanted >= view.first_unknown_day()) wanted = kNoDay;
      REQUIRE(view.contract_end(first, past) == wanted);
    });
    REQUIRE(orders_seen == then.order_count());
  }
}

TEST_CASE("a view of orders is filtered and cut by what was known at the first order") {
  OrderLogBuilder builder;
  builder.declare_attribute("region");
  const std::vector<std::string> sources = {"web", "", "fair", "web"};
  for (std::size_t c = 0; c < sources.size(); ++c) {
    const CustomerId customer = builder.customer("c" + std::to_string(c));
    builder.set_attribute(customer, "source", sources[c]);
    builder.set_attribute(customer, "source", "later");
    for (int k = 0; k < 3; ++k) {
      builder.add({.customer = customer, .time = kJanuary + Days(10 * static_cast<int>(c) + k), .amount = Money{100}});
    }
  }
  const OrderLog log = builder.build();
  CHECK(log.attribute("source").values == std::vector<std::string>{"", "web", "later", "fair"});
  CHECK_THROWS_WITH(log.attribute("rep"), "no attribute \"rep\"; the log has: region, source");
  const OrderView view(log, kJanuary + Days(20));
  CHECK(view.where("source", "web").selection().size() == 2);
  CHECK(view.where("source", "nowhere").selection().empty());
  CHECK_FALSE(view.where("source", "nowhere").selects_all());
  const auto parts = view.split_by("source");
  std::size_t customers = 0;
  std::vector<std::string> values;
  for (const OrderViewPart& part : parts) {
    values.push_back(part.value);
    part.view.for_each_customer([&](CustomerId, std::uint32_t, std::uint32_t) { ++customers; });
  }
  CHECK(values == std::vector<std::string>{"fair", "later", "web"});  // c3 of web has not bought yet, c0 has
  CHECK(customers == 3);
  CHECK(log.find_customer("c2") == CustomerId{2});
  CHECK_FALSE(log.find_customer("c9").has_value());
  CHECK(view.at(kJanuary - Days(1)).split_by("source").empty());
}

TEST_CASE("an order log states what it cannot take") {
  OrderLogBuilder builder({.dates_only = true});
  CHECK_THROWS_WITH(builder.add({.customer = kFirst, .time = kJanuary}), Contains("which has 0 customers"));
  CHECK_THROWS_AS(builder.set_attribute(kFirst, "a", "b"), InvalidArgument);
  builder.add({.customer = builder.customer("x"), .time = kJanuary + hours(8)});
  CHECK_THROWS_WITH(builder.build(), Contains("an order of customer \"x\" on 2024-01-01"));
}

TEST_CASE("an empty log gives empty views") {
  const OrderLog log;
  CHECK(log.customer_count() == 0);
  CHECK_FALSE(log.date_only());
  CHECK(OrderView::end_of(log).day() == Day{});
  OrderView(log, kJanuary).for_each_customer([](CustomerId, std::uint32_t, std::uint32_t) { FAIL(); });
  OrderLogBuilder builder;
  builder.customer("without orders");
  const OrderLog nobody = builder.build();
  CHECK(nobody.customer_count() == 1);
  OrderView::end_of(nobody).for_each_customer([](CustomerId, std::uint32_t, std::uint32_t) { FAIL(); });
}

TEST_CASE("many equal orders of one instant cost no square") {
  OrderLogBuilder builder({.duplicates = DuplicatePolicy::drop});
  const CustomerId customer = builder.customer("busy");
  for (int i = 0; i < 200'000; ++i) builder.add({.customer = customer, .time = kJanuary, .amount = Money{i % 100'000}});
  DataQualityReport report;
  CHECK(builder.build(&report).order_count() == 100'000);
  CHECK(report.count(DataRule::duplicate_row) == 100'000);
  CHECK(report.count(DataRule::zero_amount) == 1);
}
