#pragma once
/// \file
/// What a deal brings if it is won: moments, of its own amount as it will be revised, or of a draw where that is
/// unknown.

#include <putki/forecast/amount_distribution.hpp>
#include <putki/forecast/amount_revision.hpp>

#include <algorithm>
#include <optional>

namespace putki {

class WinWorth {
 public:
  WinWorth(const AmountDistribution& amounts, const AmountRevision& revision)
      : mean_(amounts.moment(1)),
        square_(amounts.moment(2)),
        ratio_(revision.moment(1)),
        ratio_square_(revision.moment(2)) {}

  /// `usable` as AmountRevision::usable; nothing: of a new deal, too.
  double mean(std::optional<double> usable = std::nullopt) const { return usable ? *usable * ratio_ : mean_; }
  double square(std::optional<double> usable = std::nullopt) const {
    return usable ? *usable * *usable * ratio_square_ : square_;
  }
  double variance(std::optional<double> usable = std::nullopt) const {
    return std::max(square(usable) - mean(usable) * mean(usable), 0.0);
  }

 private:
  double mean_, square_, ratio_, ratio_square_;
};

}  // namespace putki
