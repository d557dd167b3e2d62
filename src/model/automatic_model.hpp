#pragma once
// The choice of a dated model's clock and half-life by out-of-sample score.

#include <putki/model/dated_model.hpp>

namespace putki {

/// What fit_dated_model does when its options leave something to choose.
DatedModel fit_best_dated_model(const DatedStatistics& statistics, const BusinessCalendar& calendar,
                                const DatedModelOptions& options);

}  // namespace putki
