#pragma once
/// \file
/// The pipeline as it stands: what is open, and what was won in the running period.

#include <putki/events/as_of.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace putki {

struct OpenDeal {
  std::string name;
  StageId stage;
  int age_days;                  ///< whole days in the stage at the start of the first day to come
  std::optional<double> amount;  ///< currency units; nothing: unknown, drawn from what won deals brought
  std::string segment = {};      ///< value of the attribute asked for; "" when none was
};

struct Booking {
  Day day;
  double amount;
  std::string segment = {};  ///< as OpenDeal
};

struct OpenPipeline {
  Day as_of;                      ///< local day of the instant: forecasts run from its 00:00
  std::vector<OpenDeal> deals;    ///< open and on-hold deals, by name
  std::vector<Booking> bookings;  ///< deals won from `booked_since` to the instant, by day and amount
  Day first_day;                  ///< first local day of the horizon: as_of, or the day after for date-only data
  Day booked_since;               ///< first_day when bookings were not asked for

  /// The deals open at the view's instant. An amount of zero on an open deal is taken as unknown (see the data-quality
  /// notes). `booked_since` (local day, not after the view's) also collects what was won from its 00:00 on; a won deal
  /// without an amount books 0. Terminal stays are taken at their first event; a reopened deal is open again and books
  /// nothing. `by` is the attribute whose values are the segments, as in ForecastModelOptions: InvalidArgument when
  /// there is none of that name and any deal.
  static OpenPipeline as_of_view(const AsOf& view, std::optional<Day> booked_since = std::nullopt,
                                 std::string_view by = {});

  /// The pipeline less the deals of these names: what would be left without the biggest one. Forecasts of both share
  /// their parameter draws and nodes, so the difference is that of the deals alone. InvalidArgument: a name that is not
  /// open.
  OpenPipeline without(std::span<const std::string> names) const;
};

}  // namespace putki
