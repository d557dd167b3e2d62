// Counting orders against the plainest programs that could do it, on the papers' data and on random rubbish.

#include <putki/core/random.hpp>
#include <putki/events/order_log_builder.hpp>
#include <putki/stats/order_statistics.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

using namespace putki;
using namespace std::chrono;

namespace {

const Day kOrigin{2022y / 1 / 1};

struct Sold {
  Day day;
  std::optional<std::int64_t> cents;
  std::optional<Day> contract_end;
};
using Book = std::vector<std::vector<Sold>>;  // by customer, ascending by day

Book random_book(RandomStream& random, bool returns, bool ends) {
  Book book(1 + random.below(5));
  const std::uint64_t span = 20 + random.below(400);
  for (auto& customer : book) {
    const std::size_t orders = random.below(14);
    for (std::size_t i = 0; i < orders; ++i) {
      Sold sold{kOrigin + Days(random.below(span)), {}, {}};
      if (random.below(5)) sold.cents = static_cast<std::int64_t>(random.below(6)) * 100 - (returns ? 200 : 0);
      if (ends && random.below(2)) sold.contract_end = sold.day + Days(random.below(150));
      customer.push_back(sold);
    }
    std::stable_sort(customer.begin(), customer.end(), [](const Sold& a, const Sold& b) { return a.day < b.day; });
  }
  return book;
}

OrderLog log_of(const Book& book) {
  OrderLogBuilder builder({.returns = ReturnPolicy::keep, .dates_only = true});
  for (std::size_t c = 0; c < book.size(); ++c) {
    const CustomerId id = builder.customer(std::to_string(c));
    builder.set_attribute(id, "part", c % 2 ? "odd" : "even");
    for (const Sold& sold : book[c]) {
      builder.add({.customer = id,
                   .time = sold.day,
                   .amount = sold.cents ? Money{*sold.cents} : kNoAmount,
                   .contract_end = sold.contract_end ? day_number(*sold.contract_end) : kNoDay});
    }
  }
  return builder.build();
}

bool buys(const Sold& sold) {
  return !sold.cents || *sold.cents >= 0;
}

// Day by day, as a clerk would: what was bought on each day until `today`, then what was brought back.
std::vector<CustomerPurchases> plain_purchases(const Book& book, Day today, bool merge) {
  std::vector<CustomerPurchases> all;
  for (std::size_t c = 0; c < book.size(); ++c) {
    std::vector<std::pair<Day, std::optional<std::int64_t>>> bought;
    for (Day day = kOrigin; day <= today; day += Days(1)) {
      bool any = false;
      for (const Sold& sold : book[c]) {
        if (sold.day != day || !buys(sold)) continue;
        if (any && merge) {
          auto& sum = bought.back().second;
          if (sum && sold.cents) {
            *sum += *sold.cents;
          } else {
            sum.reset();
          }
        } else {
          bought.emplace_back(day, sold.cents);
        }
        any = true;
      }
      for (const Sold& sold : book[c]) {
        if (sold.day != day || buys(sold)) continue;
        // Coin by coin: each is taken from the latest purchase that has one left.
        for (std::int64_t coin = 0; coin < -*sold.cents; ++coin) {
          for (std::size_t i = bought.size(); i-- > 0;) {
            if (!bought[i].second || *bought[i].second == 0) continue;
            --*bought[i].second;
            break;
          }
        }
      }
    }
    if (bought.empty()) continue;
    CustomerPurchases customer{static_cast<CustomerId>(c), day_number(bought.front().first), {}};
    customer.history.repeats = static_cast<std::int32_t>(bought.size()) - 1;
    customer.history.recency_days = static_cast<std::int32_t>((bought.back().first - bought.front().first).count());
    customer.history.age_days = static_cast<std::int32_t>((today - bought.front().first).count());
    for (std::size_t i = 0; i < bought.size(); ++i) {
      if (!bought[i].second || *bought[i].second == 0) continue;
      customer.spent += Money{*bought[i].second};
      ++customer.priced_purchases;
      if (i > 0) ++customer.history.priced_repeats;
      if (i > 0) customer.history.repeat_spend += Money{*bought[i].second};
    }
    all.push_back(customer);
  }
  return all;
}

// First days of the periods after the first one, as the calendar or the customer's own clock has them.
Day plain_next(Day begin, const PurchasePeriod& period) {
  return period.days > 0 ? begin + Days(period.days) : period_containing(begin, period.unit).end;
}
Day plain_first(Day day, const PurchasePeriod& period) {
  return period.days > 0 ? day : period_containing(day, period.unit).begin;
}

const std::vector<PurchasePeriod> kPeriods = {{.days = 1},
                                              {.days = 7},
                                              {.days = 30},
                                              {.unit = PeriodUnit::day},
                                              {.unit = PeriodUnit::week},
                                              {.unit = PeriodUnit::month},
                                              {.unit = PeriodUnit::quarter},
                                              {.unit = PeriodUnit::year}};

// The complete periods of a customer by `today`, known to its end: whether each has a purchase. Period 0 first.
std::vector<bool> plain_periods(const std::vector<Sold>& sold, Day today, const PurchasePeriod& period) {
  std::set<Day> bought;
  for (const Sold& one : sold) {
    if (one.day <= today && buys(one)) bought.insert(one.day);
  }
  std::vector<bool> periods;
  if (bought.empty()) return periods;
  for (Day begin = plain_first(*bought.begin(), period); plain_next(begin, period) <= today + Days(1);
       begin = plain_next(begin, period)) {
    periods.push_back(std::any_of(bought.begin(), bought.end(),
                                  [&](Day day) { return day >= begin && day < plain_next(begin, period); }));
  }
  return periods;
}

bool has_bought(const std::vector<Sold>& sold, Day today) {
  return std::any_of(sold.begin(), sold.end(), [&](const Sold& one) { return one.day <= today && buys(one); });
}

}  // namespace

TEST_CASE("the CDNOW sample counts to the x, t_x and T that the papers give") {
  const std::filesystem::path folder = std::filesystem::path(PUTKI_SOURCE_DIR) / "examples/data";
  std::ifstream in(folder / "cdnow_sample.csv");
  OrderLogBuilder builder;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields(line);
    std::string id, sample, date, cds, sales;
    for (std::string* field : {&id, &sample, &date, &cds, &sales}) std::getline(fields, *field, ',');
    builder.add(
        {.customer = builder.customer(id), .time = *parse_day(date), .amount = Money::from_units(std::stod(sales))});
  }
  const OrderView view(builder.build(), Day{1997y / 9 / 30});
  const auto customers = customer_purchases(view);
  REQUIRE(customers.size() == 2357);
  // The first rows of the summary that the authors publish with the data, in weeks of 7 days.
  CHECK(customers[0].history.repeats == 2);
  CHECK(customers[0].history.recency_days / 7.0 == Approx(30.43).margin(0.005));
  CHECK(customers[0].history.age_days / 7.0 == Approx(38.86).margin(0.005));
  CHECK(customers[1].history.repeats == 1);
  CHECK(customers[1].history.recency_days / 7.0 == Approx(1.71).margin(0.005));
  CHECK(customers[1].history.age_days / 7.0 == Approx(38.86).margin(0.005));
  CHECK(customers[2].history == PurchaseHistory{0, 0, 272, 0, {}});
  PurchaseStatistics statistics;
  update(statistics, view);
  CHECK(statistics.customers() == 2357);
  CHECK(statistics.spend().total() == 946);
  // Their table of repeat purchases: 1411 customers with none, 439 with one, 214 with two.
  std::map<std::int32_t, std::uint64_t> repeats;
  for (const auto& [cell, count] : statistics.purchases().cells()) repeats[cell.repeats] += count;
  CHECK(repeats[0] == 1411);
  CHECK(repeats[1] == 439);
  CHECK(repeats[2] == 214);
}

TEST_CASE("purchases are what a clerk would count, with returns, unknown amounts and orders of one day") {
  for (std::uint64_t round = 0; round < 2000; ++round) {
    RandomStream random(51, round);
    const Book book = random_book(random, random.below(2), false);
    const Day today = kOrigin + Days(random.below(430));
    const bool merge = random.below(2);
    const OrderView view(log_of(book), today);
    const auto customers = customer_purchases(view, {.merge_same_day = merge});
    const auto plain = plain_purchases(book, today, merge);
    REQUIRE(customers.size() == plain.size());
    PurchaseStatistics counted, joined;
    for (std::size_t i = 0; i < plain.size(); ++i) {
      REQUIRE(customers[i].customer == plain[i].customer);
      REQUIRE(customers[i].first_day == plain[i].first_day);
      REQUIRE(customers[i].history == plain[i].history);
      REQUIRE(customers[i].spent == plain[i].spent);
      REQUIRE(customers[i].priced_purchases == plain[i].priced_purchases);
      counted.add(plain[i].history);
    }
    PurchaseStatistics whole;
    update(whole, view, {.merge_same_day = merge});
    REQUIRE(whole == counted);
    for (const OrderViewPart& part : view.split_by("part")) {
      PurchaseStatistics one;
      update(one, part.view, {.merge_same_day = merge});
      joined.merge(one);
    }
    REQUIRE(joined == whole);
  }
}

TEST_CASE("opportunities are the complete periods after the first, walked one by one") {
  for (std::uint64_t round = 0; round < 2000; ++round) {
    RandomStream random(52, round);
    const Book book = random_book(random, random.below(2), false);
    const Day today = kOrigin + Days(random.below(430));
    const PurchasePeriod period = kPeriods[random.below(kPeriods.size())];
    const OrderView view(log_of(book), today);
    OpportunityStatistics plain, joined;
    for (const auto& sold : book) {
      if (!has_bought(sold, today)) continue;
      const std::vector<bool> periods = plain_periods(sold, today, period);
      OpportunityCell cell;
      for (std::size_t j = 1; j < periods.size(); ++j) {
        ++cell.opportunities;
        if (!periods[j]) continue;
        ++cell.purchases;
        cell.recency = static_cast<std::int32_t>(j);
      }
      plain.add(cell);
    }
    OpportunityStatistics whole;
    update(whole, view, period);
    REQUIRE(whole == plain);
    // Money of periods: the purchases that the clerk has, put into the periods of the calendar.
    const auto customers = customer_opportunities(view, period);
    const auto bought = plain_purchases(book, today, true);
    REQUIRE(customers.size() == bought.size());
    for (std::size_t c = 0; c < customers.size(); ++c) {
      if (customers[c].cell.purchases == bought[c].history.repeats) {  // each purchase in a period of its own
        REQUIRE(customers[c].priced_periods == bought[c].history.priced_repeats);
        REQUIRE(customers[c].spend == bought[c].history.repeat_spend);
      } else {
        REQUIRE(customers[c].cell.purchases < bought[c].history.repeats);
        REQUIRE(customers[c].spend <= bought[c].history.repeat_spend);
      }
    }
    for (const OrderViewPart& part : view.split_by("part")) update(joined, part.view, period);
    REQUIRE(joined == whole);
  }
}

TEST_CASE("contracts renewed by orders end with the first complete period without one") {
  for (std::uint64_t round = 0; round < 2000; ++round) {
    RandomStream random(53, round);
    const Book book = random_book(random, random.below(2), false);
    const Day today = kOrigin + Days(random.below(430));
    const PurchasePeriod period = kPeriods[random.below(kPeriods.size())];
    TenureStatistics plain, whole;
    for (const auto& sold : book) {
      if (!has_bought(sold, today)) continue;
      const std::vector<bool> periods = plain_periods(sold, today, period);
      const auto gap = std::find(periods.begin(), periods.end(), false);
      const auto paid = static_cast<std::int32_t>(gap - periods.begin());
      plain.add({.survived = std::max(paid - 1, 0), .ended = gap != periods.end()});
    }
    update(whole, OrderView(log_of(book), today), period, TenureSource::renewals);
    REQUIRE(whole == plain);
  }
}

TEST_CASE("contracts with stated ends last the whole periods that they touch") {
  const auto tenure = [](Day begin, std::optional<Day> end, Day today, const PurchasePeriod& period) {
    const Book book = {{{begin, 100, end}}, {{Day{2021y / 1 / 1}, 100, Day{2021y / 1 / 1}}}};
    const auto all = customer_tenures(OrderView(log_of(book), today), period, TenureSource::contract_ends);
    return all.at(0).cell;
  };
  const PurchasePeriod month{.unit = PeriodUnit::month};
  const Day start{2023y / 1 / 31};
  // Periods end on 28 February, 31 March, 30 April, 31 May; by 15 June four are over.
  const Day today{2023y / 6 / 15};
  CHECK(tenure(start, {}, today, month) == TenureCell{4, false});
  CHECK(tenure(start, Day{2023y / 2 / 28}, today, month) == TenureCell{0, true});
  CHECK(tenure(start, Day{2023y / 2 / 27}, today, month) == TenureCell{0, true});
  CHECK(tenure(start, start, today, month) == TenureCell{0, true});
  CHECK(tenure(start, Day{2023y / 3 / 1}, today, month) == TenureCell{1, true});
  CHECK(tenure(start, Day{2023y / 5 / 31}, today, month) == TenureCell{3, true});
  // Ended within a period that is not over: left out, like the renewals of that period still to come.
  CHECK(tenure(start, Day{2023y / 6 / 1}, today, month) == TenureCell{4, false});
  // An end to come is no end yet.
  CHECK(tenure(start, Day{2023y / 12 / 31}, today, month) == TenureCell{4, false});
  // The view knows 29 June to its end: that completes a fifth month of a contract begun on the 30th.
  CHECK(tenure(Day{2023y / 1 / 30}, {}, Day{2023y / 6 / 28}, month) == TenureCell{4, false});
  CHECK(tenure(Day{2023y / 1 / 30}, {}, Day{2023y / 6 / 29}, month) == TenureCell{5, false});
  const PurchasePeriod weeks{.days = 28};
  CHECK(tenure(start, start + Days(28), today, weeks) == TenureCell{0, true});
  CHECK(tenure(start, start + Days(29), today, weeks) == TenureCell{1, true});
  const PurchasePeriod year{.unit = PeriodUnit::year};
  CHECK(tenure(Day{2020y / 2 / 29}, Day{2021y / 2 / 28}, today, year) == TenureCell{0, true});
  CHECK(tenure(Day{2020y / 2 / 29}, Day{2022y / 3 / 1}, today, year) == TenureCell{2, true});
}

TEST_CASE("a contract that ended in a period not yet complete has left, though the cell cannot say so") {
  const Day start{2024y / 3 / 1}, today{2025y / 12 / 31};
  const PurchasePeriod year{.unit = PeriodUnit::year};
  const auto tenure = [&](std::optional<Day> end) {
    const Book book = {{{start, 100, end}}, {{Day{2003y / 1 / 1}, 100, Day{2003y / 1 / 1}}}};
    return customer_tenures(OrderView(log_of(book), today), year, TenureSource::contract_ends).at(0);
  };
  const CustomerTenure gone = tenure(Day{2025y / 9 / 30});
  CHECK(gone.cell == TenureCell{1, false});
  CHECK(gone.has_left);
  CHECK(gone.next_renewal == kNoDay);
  CHECK_FALSE(tenure({}).has_left);
  CHECK_FALSE(tenure(Day{2026y / 9 / 30}).has_left);  // still to come, and so not known
  CHECK(tenure(Day{2024y / 9 / 30}).has_left);
}

TEST_CASE("the next renewal of a contract that runs is on its own day, by the calendar") {
  const auto next = [](Day begin, std::optional<Day> end, Day today, const PurchasePeriod& period) {
    const Book book = {{{begin, 100, end}}, {{Day{2003y / 1 / 1}, 100, Day{2003y / 1 / 1}}}};
    const auto all = customer_tenures(OrderView(log_of(book), today), period, TenureSource::contract_ends);
    return std::pair(all.at(0).cell.survived, all.at(0).next_renewal);
  };
  const PurchasePeriod year{.unit = PeriodUnit::year}, month{.unit = PeriodUnit::month}, weeks{.days = 28};
  const Day start{2004y / 1 / 1};
  // All of the view's day is known. A renewal on the day after is decided, but its day is still to come.
  CHECK(next(start, {}, Day{2007y / 12 / 30}, year) == std::pair(3, day_number(Day{2008y / 1 / 1})));
  CHECK(next(start, {}, Day{2007y / 12 / 31}, year) == std::pair(4, day_number(Day{2008y / 1 / 1})));
  CHECK(next(start, {}, Day{2008y / 1 / 1}, year) == std::pair(4, day_number(Day{2009y / 1 / 1})));
  CHECK(next(Day{2007y / 2 / 1}, {}, Day{2007y / 3 / 1}, month) == std::pair(1, day_number(Day{2007y / 4 / 1})));
  CHECK(next(Day{2007y / 1 / 31}, {}, Day{2007y / 3 / 15}, month) == std::pair(1, day_number(Day{2007y / 3 / 31})));
  CHECK(next(start, {}, start + Days(26), weeks) == std::pair(0, day_number(start + Days(28))));
  CHECK(next(start, {}, start + Days(27), weeks) == std::pair(1, day_number(start + Days(28))));
  CHECK(next(start, {}, start + Days(28), weeks) == std::pair(1, day_number(start + Days(56))));
  CHECK(next(start, Day{2005y / 12 / 31}, Day{2007y / 12 / 31}, year) == std::pair(1, kNoDay));

  // Orders of each month from 15 January on, the view at the end of 10 March: the next one is the one of 15 March.
  const Book paid = {{{Day{2007y / 1 / 15}, 100, {}}, {Day{2007y / 2 / 15}, 100, {}}},
                     {{Day{2006y / 1 / 15}, 100, {}}}};
  const auto renewed = customer_tenures(OrderView(log_of(paid), Day{2007y / 3 / 10}), month, TenureSource::renewals);
  CHECK(renewed.at(0).next_renewal == day_number(Day{2007y / 3 / 15}));
  CHECK(renewed.at(1).next_renewal == kNoDay);
}

TEST_CASE("the money of a period is that of all its purchases, if every price is known") {
  const std::vector<Sold> sold = {{kOrigin, 900, {}},
                                  {kOrigin + Days(3), 800, {}},  // period 0
                                  {kOrigin + Days(10), 100, {}},
                                  {kOrigin + Days(19), 200, {}},  // period 1: 300
                                  {kOrigin + Days(20), 400, {}},
                                  {kOrigin + Days(21), {}, {}},  // 2: one price unknown
                                  {kOrigin + Days(30), 500, {}},
                                  {kOrigin + Days(41), 600, {}}};  // 3; 4 is not over
  const auto all = customer_opportunities(OrderView(log_of({sold}), kOrigin + Days(45)), {.days = 10});
  CHECK(all.at(0).cell == OpportunityCell{3, 3, 3});
  CHECK(all[0].priced_periods == 2);
  CHECK(all[0].spend == Money{800});
}

TEST_CASE("a customer who comes back after the contract's end is told apart") {
  const auto tenures = [](std::vector<int> days) {
    Book book(1);
    for (const int day : days) book[0].push_back({kOrigin + Days(day), 100, {}});
    return customer_tenures(OrderView(log_of(book), kOrigin + Days(69)), {.days = 10}, TenureSource::renewals).at(0);
  };
  CHECK(tenures({0, 12, 25}).cell == TenureCell{2, true});
  CHECK_FALSE(tenures({0, 12, 25}).came_back);
  CHECK(tenures({0, 12, 45}).cell == TenureCell{1, true});
  CHECK(tenures({0, 12, 45}).came_back);
  CHECK(tenures({0, 12, 15, 45}).periods_paid == 3);
  CHECK(tenures({0, 10, 20, 30, 40, 50, 60}).cell == TenureCell{6, false});
}

TEST_CASE("periods and ends that make no sense are refused; no customers give no statistics") {
  const OrderView nobody(OrderLog(), kOrigin);
  CHECK(customer_purchases(nobody).empty());
  CHECK(customer_opportunities(nobody, {}).empty());
  CHECK(customer_tenures(nobody, {}, TenureSource::contract_ends).empty());
  CHECK_THROWS_AS(customer_opportunities(nobody, {.days = -1}), InvalidArgument);
  CHECK_THROWS_AS(customer_tenures(nobody, {.days = 3661}, TenureSource::renewals), InvalidArgument);
  const OrderView view(log_of({{{kOrigin, 100, {}}}}), kOrigin);
  CHECK_THROWS_WITH(customer_tenures(view, {}, TenureSource::contract_ends), Catch::Contains("states the end"));
  CHECK(customer_purchases(OrderView(log_of({{{kOrigin, -100, {}}}}), kOrigin)).empty());
}
