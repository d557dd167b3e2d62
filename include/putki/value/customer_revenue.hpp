#pragma once
/// \file
/// What customers bring over time, whichever model they follow: the join between customer value and the forecast.
///
/// The value models speak of purchases or renewals, in units of their own. A forecast asks one thing of all of them:
/// how much money, between which days, from the customers of today and from one who is won tomorrow. Purchases take a
/// spend model (Gamma-Gamma) and contracts their fees; both are held here, with the customers' records.
///
/// - *Customers of today*: everybody given, valued by his own record; who is on record as having left brings nothing.
///   Revenue of days (from, to] after the view's day.
/// - *A newcomer*: somebody won at time 0, whose record is empty. The sale that wins him is not counted here (it is the
///   deal's amount); what comes after it is. Under contract the first fee is the sale, the first renewal comes a period
///   after it.
/// - *A world*: one draw of the parameters from the law of their estimates. Given it customers are independent, and
///   their futures are drawn one by one. Averaged over worlds, futures have the predictive distribution: what customers
///   share (the parameters) and what they do not (their own fate) are both in it.
///
/// Time is in days from the view's day, fractions allowed. What happens once a period has no day of its own; it falls:
/// the t-th opportunity of BG/BB t periods from the view's day or from the sale; the renewals of a contract half a
/// period from the view's day, as they do on average, and every period after that; a newcomer's one period after the
/// sale, and so on. Amounts are in currency units, revenue, not margin; multiply. Discounting is by an annual rate,
/// continuously compounded (rate_per_unit).
///
/// A value; a copy shares the records. Safe to read from several threads. Cost: `expected` 0.1 to 0.3 us a distinct
/// record, a year's future of a world 0.2 to 0.5 us a customer or newcomer, one without end three times that. Default:
/// nobody, and newcomers bring nothing.

#include <putki/value/customer_base.hpp>

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace putki {

class CustomerRevenue {
 public:
  CustomerRevenue();

  /// Purchases (BG/NBD, MBG/NBD, Pareto/NBD, BG/BB) and what is spent on each. `days_per_unit`: length of a unit of the
  /// model's time; models that know theirs must agree. Nobody may be given: newcomers follow the model all the same.
  /// InvalidArgument: another unit than the model's, or a record that cannot be. Where the expected spend is infinite
  /// (Gamma-Gamma, q <= 1), what is expected is, too; drawn futures are not.
  template <PurchaseModel Model>
  static CustomerRevenue of_purchases(const Model& model, const GammaGamma& spend,
                                      const std::vector<CustomerRecord<typename Model::Customer>>& customers,
                                      double days_per_unit = 7);
  /// Renewals (sBG, beta-discrete-Weibull). `unseen` as in value_contracts: renewals due before the view whose outcome
  /// is not known, 0 or 1. A customer without a fee and a newcomer pay what the others pay on average, unless
  /// `newcomer_fee` says what the latter does. NotEnoughData: customers, but nobody's fee is known. InvalidArgument: a
  /// fee that is not finite, or as above.
  template <RenewalChance chance>
  static CustomerRevenue of_contracts(const ContractModel<chance>& model, const std::vector<ContractRecord>& customers,
                                      unsigned unseen, double days_per_unit,
                                      std::optional<double> newcomer_fee = std::nullopt);

  /// Of contracts: those not on record as having left.
  std::size_t customer_count() const;

  /// Of all customers of today, in (from, to] days, at the estimates. InvalidArgument unless 0 <= from <= to <
  /// infinity.
  double expected(double from, double to) const;
  /// Of one customer won at day 0, in (from, to] days after that.
  double expected_of_newcomer(double from, double to) const;
  /// All that is to come, discounted to the view's day (customers of today) or to the day of winning (newcomer).
  /// InvalidArgument unless annual_discount > 0 and finite.
  double residual_value(double annual_discount) const;
  double residual_value_of_newcomer(double annual_discount) const;

  class World;
  /// One draw of the parameters. The world refers to this object, which must outlive it.
  World draw(RandomStream& stream) const;

  struct Records;  ///< of the implementation

 private:
  explicit CustomerRevenue(std::shared_ptr<const Records> records);
  std::shared_ptr<const Records> records_;
};

/// See CustomerRevenue. Safe to read from several threads, each with a stream of its own.
class CustomerRevenue::World {
 public:
  /// One future of every customer of today: adds to revenue[p] what falls in (edges[p], edges[p + 1]] days. Edges
  /// ascend from 0 or more; sizes fit, else InvalidArgument.
  void add_customers(std::span<const double> edges, RandomStream& stream, std::span<double> revenue) const;
  /// One future of a customer won on day `won` (0 or more): adds what he brings after the sale. `scale` multiplies it:
  /// 1 unless more is known of him.
  void add_newcomer(double won, std::span<const double> edges, RandomStream& stream, std::span<double> revenue,
                    double scale = 1) const;
  /// Discounted value of one future of all customers of today, and of one newcomer at the day he is won. Futures end
  /// where money is worth 1/10,000 of today's, after 100 years at the latest.
  double residual_value(double annual_discount, RandomStream& stream) const;
  double residual_value_of_newcomer(double annual_discount, RandomStream& stream) const;

  struct Drawn;  ///< of the implementation

 private:
  friend class CustomerRevenue;
  explicit World(std::shared_ptr<const Drawn> drawn);
  std::shared_ptr<const Drawn> drawn_;
};

}  // namespace putki
