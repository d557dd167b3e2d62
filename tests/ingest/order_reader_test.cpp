#include <putki/core/random.hpp>
#include <putki/events/order_view.hpp>
#include <putki/ingest/order_reader.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

using namespace putki;
using namespace std::chrono;
using Catch::Matchers::Contains;

namespace {

const OrderColumns kColumns{.customer = "customer", .date = "date", .amount = "amount"};
const OrderColumns kEveryColumn{
    .customer = "customer", .date = "date", .amount = "amount", .contract_end = "end", .attributes = {"source"}};
const std::string kHeader = "customer,date,amount\n";

std::string refusal(const std::string& text, const OrderColumns& columns, const OrderReadOptions& options = {}) {
  try {
    parse_orders_csv(text, columns, options, "orders.csv");
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("orders are read from the columns named, in any order of columns") {
  const ReadOrders read = parse_orders_csv(
      "\xef\xbb\xbfsource;end;AMOUNT;date;note;customer\r\n"
      "web;;12,50 \xe2\x82\xac;2.1.2024;;Aino\r\n"
      "fair;31.3.2025;\"1.000,00\";13.1.2024;\"a;b\";Aino\r\n"
      "\r\n"
      ";;-3;1.2.2024;;Ben\r\n",
      kEveryColumn, {.formats = {.decimal = ',', .thousands = '.'}, .returns = ReturnPolicy::keep});
  REQUIRE(read.log.customer_count() == 2);
  CHECK(read.log.customer_name(CustomerId{1}) == "Ben");
  REQUIRE(read.log.order_count() == 3);
  CHECK(read.log.amounts()[0] == Money{1250});
  CHECK(read.log.amounts()[1] == Money{100'000});
  CHECK(read.log.amounts()[2] == Money{-300});
  CHECK(to_day(read.log.days()[1]) == Day{2024y / 1 / 13});
  CHECK(read.log.contract_ends()[0] == kNoDay);
  CHECK(to_day(read.log.contract_ends()[1]) == Day{2025y / 3 / 31});
  const Attribute& source = read.log.attribute("source");
  CHECK(source.values[source.codes[0]] == "web");  // of the first order
  CHECK(source.values[source.codes[1]].empty());
  CHECK(read.log.date_only());
  CHECK(read.report.adds_up());
  CHECK(read.report.findings().empty());
}

TEST_CASE("every row of orders is used or set aside under one rule, and notes say what is missing") {
  const ReadOrders read = parse_orders_csv(
      "customer,date,amount,end,source\n"
      "A,2024-01-02,5,,x\n"             // 2
      ",2024-01-02,5,,x\n"              // 3 no customer
      "A,,5,,x\n"                       // 4 no date
      "A,yesterday,5,,x\n"              // 5 unreadable
      "A,2024-02-30,5,,x\n"             // 6 no such day
      "A,1850-01-01,5,,x\n"             // 7 before 1970
      "A,2024-01-02\n"                  // 8 too few fields
      "A,2024-01-03,-5,,x\n"            // 9 a return
      "A,2024-01-02,5,,x\n"             // 10 repeated, used
      "A,2024-01-04T10:00:00Z,5,,x\n"   // 11
      "A,2024-01-04T10:00:00Z,5,,x\n"   // 12 told twice
      "A,2024-01-05,,,x\n"              // 13 no amount
      "A,2024-01-06,0.00,,x\n"          // 14 zero
      "A,2024-01-07,1.2.3,,x\n"         // 15 unreadable amount
      "A,2024-01-08,1e300,,x\n"         // 16 impossible amount
      "A,2024-01-09,5,2023-01-01,x\n"   // 17 ends before it began
      "A,2024-01-10,5,whenever,x\n"     // 18
      "A,2024-01-11,5,2150-01-01,x\n",  // 19
      kEveryColumn);
  const std::map<DataRule, std::vector<std::uint64_t>> wanted = {{DataRule::missing_id, {3}},
                                                                 {DataRule::missing_time, {4}},
                                                                 {DataRule::unreadable_time, {5, 6}},
                                                                 {DataRule::time_out_of_range, {7}},
                                                                 {DataRule::wrong_column_count, {8}},
                                                                 {DataRule::duplicate_row, {12}},
                                                                 {DataRule::negative_amount, {9}},
                                                                 {DataRule::unreadable_amount, {15}},
                                                                 {DataRule::impossible_amount, {16}},
                                                                 {DataRule::repeated_row, {10}},
                                                                 {DataRule::missing_amount, {13}},
                                                                 {DataRule::zero_amount, {14}},
                                                                 {DataRule::unreadable_contract_end, {17, 18, 19}}};
  CHECK(read.report.findings().size() == wanted.size());
  for (const auto& [rule, rows] : wanted) {
    INFO(name(rule));
    REQUIRE(read.report.count(rule) == rows.size());
    CHECK(read.report.findings().at(rule).first_rows == rows);
  }
  CHECK(read.report.adds_up());
  CHECK(read.report.rows_read() == 18);
  CHECK(read.log.order_count() == 10);
}

TEST_CASE("orders whose days could be meant in two ways are refused, and read when the way is stated") {
  const std::string text = kHeader + "A,01/02/2024,5\nA,03/04/2024,6\n";
  CHECK_THAT(refusal(text, kColumns), Contains("orders.csv: column \"date\" reads as month/day/year as well as") &&
                                          Contains("its format is mdy or dmy"));
  const ReadOrders read = parse_orders_csv(text, kColumns, {.formats = {.time = TimeFormat::day_month_year}});
  CHECK(to_day(read.log.days()[1]) == Day{2024y / 4 / 3});
  const ReadOrders certain = parse_orders_csv(text + "B,12/31/2024,1\n", kColumns);
  CHECK(to_day(certain.log.days()[1]) == Day{2024y / 3 / 4});
}

TEST_CASE("what cannot be read as orders is refused in one line") {
  CHECK_THAT(refusal("", kColumns), Contains("orders.csv is empty"));
  CHECK_THAT(refusal("customer,day,amount\n", kColumns),
             Contains("no column \"date\" (the orders' columns.date)") && Contains("\"customer\", \"day\""));
  CHECK_THAT(refusal(kHeader, {.customer = "customer", .date = "date", .amount = "date"}),
             Contains("asked for twice, as columns.date and columns.amount"));
  CHECK_THAT(refusal(kHeader, {.customer = "", .date = "date"}), Contains("need a column for the customer"));
  CHECK_THAT(refusal(kHeader, {.customer = "customer", .date = ""}), Contains("need a column for the date"));
  CHECK_THAT(refusal(kHeader, kColumns, {.formats = {.thousands = '.'}}), Contains("both the decimal and"));
  CHECK_THAT(refusal(kHeader + "A,\"2024-01-01,5\n", kColumns), Contains("row 2: a quote opened"));
  CHECK_THAT(refusal(kHeader + "A,2024-01-01,5\n,2024-01-01,5\n", kColumns, {.strict = true}),
             Contains("orders.csv, row 3") && Contains("missing_id"));
  CHECK_THAT(refusal(kHeader + "A,2024-01-01,-5\n", kColumns, {.strict = true}), Contains("negative_amount"));
  CHECK_THROWS_AS(read_orders_csv("nowhere/orders.csv", kColumns), InputError);
  const ReadOrders nothing = parse_orders_csv(kHeader, kColumns);
  CHECK(nothing.log.order_count() == 0);
  CHECK(nothing.report.rows_read() == 0);
}

TEST_CASE("the CDNOW sample is read whole, and the repeat purchases are those of the paper") {
  const ReadOrders read = read_orders_csv(std::filesystem::path(PUTKI_SOURCE_DIR) / "examples/data/cdnow_sample.csv",
                                          {.customer = "master_id", .date = "date", .amount = "sales"});
  CHECK(read.log.customer_count() == 2357);
  CHECK(read.log.order_count() == 6919);
  CHECK(read.report.rows_used() == 6919);
  CHECK(read.report.count(DataRule::repeated_row) == 21);
  CHECK(read.report.count(DataRule::zero_amount) == 8);
  CHECK(read.log.date_only());
  std::size_t customers = 0, repeats = 0, repeat_buyers = 0;
  const OrderView view(read.log, Day{1997y / 9 / 30});
  view.for_each_customer([&](CustomerId, std::uint32_t first, std::uint32_t past) {
    std::set<DayNumber> days(read.log.days().begin() + first, read.log.days().begin() + past);
    ++customers;
    repeats += days.size() - 1;
    repeat_buyers += days.size() > 1 ? 1 : 0;
  });
  CHECK(customers == 2357);
  CHECK(repeat_buyers == 946);  // Fader, Hardie & Lee 2005
  CHECK(repeats == 2457);
}

TEST_CASE("random tables of orders come back as they were written") {
  for (std::uint64_t round = 0; round < 1000; ++round) {
    RandomStream random(91, round);
    struct Order {
      std::string customer;
      Day day;
      Money amount;
      std::string source;
    };
    const bool dotted = random.below(2);
    const char decimal = random.below(2) ? ',' : '.';
    const std::string separator = decimal == ',' || random.below(2) ? ";" : ",";
    std::string text = "date" + separator + "source" + separator + "customer" + separator + "amount\n";
    std::map<std::string, std::vector<Order>> by_customer;
    const std::size_t row_count = random.below(round % 50 == 0 ? 3000 : 30);
    for (std::size_t r = 0; r < row_count; ++r) {
      Order order{"c" + std::to_string(random.below(7)), Day{2023y / 1 / 1} + Days(random.below(700)),
                  random.below(5) ? Money{static_cast<std::int64_t>(random.below(100'000)) + 1} : kNoAmount,
                  random.below(3) ? "s" + std::to_string(random.below(3)) : ""};
      const year_month_day date{order.day};
      std::ostringstream row;
      if (dotted) {
        row << static_cast<unsigned>(date.day()) << '.' << static_cast<unsigned>(date.month()) << '.'
            << static_cast<int>(date.year());
      } else {
        row << to_string(order.day);
      }
      row << separator << order.source << separator << order.customer << separator;
      if (order.amount != kNoAmount) {
        row << order.amount.minor / 100 << decimal << std::to_string(100 + order.amount.minor % 100).substr(1);
      }
      text += row.str() + '\n';
      by_customer[order.customer].push_back(order);
    }
    const ReadOrders read =
        parse_orders_csv(text, {.customer = "customer", .date = "date", .amount = "amount", .attributes = {"source"}},
                         {.formats = {.decimal = decimal}});
    REQUIRE(read.report.rows_used() == row_count);
    REQUIRE(read.log.customer_count() == by_customer.size());
    for (auto& [customer, orders] : by_customer) {
      std::stable_sort(orders.begin(), orders.end(), [](const auto& a, const auto& b) { return a.day < b.day; });
      const CustomerId id = read.log.find_customer(customer).value();
      const std::uint32_t begin = read.log.offsets()[index(id)];
      REQUIRE(read.log.offsets()[index(id) + 1] - begin == orders.size());
      std::string source;
      for (std::size_t k = 0; k < orders.size(); ++k) {
        REQUIRE(to_day(read.log.days()[begin + k]) == orders[k].day);
        REQUIRE(read.log.amounts()[begin + k] == orders[k].amount);
        if (source.empty()) source = orders[k].source;
      }
      const Attribute& attribute = read.log.attribute("source");
      REQUIRE(attribute.values[attribute.codes[index(id)]] == source);
    }
  }
}

TEST_CASE("rubbish in tables of orders is read or refused; no row is lost") {
  const std::vector<std::string> pieces = {
      "A",    "B",    "2024-01-13", "2024-01-13T08:15:30Z", "13/01/2024", "1/13/2024", "5",    "5.5",  "-3", "1.234",
      "1e99", "NULL", "1969-12-31", "9999-12-31",           "",           "\"",        "\"\"", "\xff", "\r", ",",
      ";",    "(5)"};
  std::uint64_t read_well = 0;
  for (std::uint64_t round = 0; round < 3000; ++round) {
    RandomStream random(92, round);
    std::string text = "customer,date,amount,end,source\n";
    std::uint64_t lines = 0;
    bool plain = true;  // no quotes or bare returns: lines are rows
    for (auto n = random.below(30); n > 0; --n, ++lines) {
      text += 'x';
      for (auto k = 1 + random.below(6); k > 0; --k) {
        const std::string& piece = pieces[random.below(pieces.size())];
        plain &= piece.find_first_of("\"\r") == std::string::npos;
        text += piece + (random.below(3) ? "," : "");
      }
      text += '\n';
    }
    try {
      const ReadOrders read = parse_orders_csv(text, kEveryColumn, {.returns = static_cast<ReturnPolicy>(round % 2)});
      REQUIRE(read.report.adds_up());
      REQUIRE(read.report.rows_used() == read.log.order_count());
      if (plain) REQUIRE(read.report.rows_read() == lines);
      ++read_well;
    } catch (const Error& error) {
      REQUIRE(std::string(error.what()).find('\n') == std::string::npos);
    }
  }
  CHECK(read_well > 1000);
}
