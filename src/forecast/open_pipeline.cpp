#include <putki/core/error.hpp>
#include <putki/forecast/open_pipeline.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace putki {

OpenPipeline OpenPipeline::as_of_view(const AsOf& view, std::optional<Day> booked_since, std::string_view by) {
  OpenPipeline pipeline;
  pipeline.as_of = view.day();
  pipeline.first_day = to_day(view.first_unknown_day());
  pipeline.booked_since = booked_since.value_or(pipeline.first_day);
  if (booked_since && *booked_since > view.day())
    throw InvalidArgument(fmt::format("booked since {}, after the forecast's own day {}",
                                      to_string(pipeline.booked_since), to_string(view.day())));

  const Attribute* const attribute = by.empty() || view.log().deal_count() == 0 ? nullptr : &view.log().attribute(by);
  const Timestamp booked_from = view.log().time_zone().start_of(pipeline.booked_since);
  view.for_each_deal([&](DealId deal, std::uint32_t first, std::uint32_t last) {
    const DealState state = view.state_of(deal, first, last);
    const bool has_amount = state.amount != kNoAmount;
    const std::string segment = attribute != nullptr ? attribute->values[attribute->codes[index(deal)]] : std::string();
    switch (view.graph().kind(state.stage)) {
      case StageKind::lost:
        break;
      case StageKind::won:
        if (booked_since && state.entered >= booked_from)
          pipeline.bookings.push_back({to_day(state.entered_day), has_amount ? state.amount.units() : 0.0, segment});
        break;
      case StageKind::open:
      case StageKind::on_hold: {
        std::optional<double> amount;
        if (has_amount && state.amount.minor > 0) amount = state.amount.units();
        const int age = std::max(view.first_unknown_day() - state.entered_day, 0);
        pipeline.deals.push_back({std::string(view.log().deal_name(deal)), state.stage, age, amount, segment});
      }
    }
  });
  // Sums of amounts, and so the last bits of a forecast, would follow the order of deals, and that the order of rows,
  // later ones included.
  std::sort(pipeline.deals.begin(), pipeline.deals.end(),
            [](const OpenDeal& a, const OpenDeal& b) { return a.name < b.name; });
  std::sort(pipeline.bookings.begin(), pipeline.bookings.end(),
            [](const Booking& a, const Booking& b) { return a.day != b.day ? a.day < b.day : a.amount < b.amount; });
  return pipeline;
}

OpenPipeline OpenPipeline::without(std::span<const std::string> names) const {
  const std::set<std::string> leaving(names.begin(), names.end());
  OpenPipeline rest = *this;
  for (const std::string& name : leaving)
    if (std::erase_if(rest.deals, [&](const OpenDeal& deal) { return deal.name == name; }) == 0)
      throw InvalidArgument(fmt::format("deal '{}' is not among the {} open ones", name, deals.size()));
  return rest;
}

}  // namespace putki
