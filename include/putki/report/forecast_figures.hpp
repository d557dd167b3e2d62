#pragma once
/// \file
/// Figures of a forecast. See figure.hpp.

#include <putki/forecast/forecast.hpp>
#include <putki/report/figure.hpp>

namespace putki {

/// What the variance of each period's revenue, and of the total, is made of: a bar a period, in shares. A period
/// without variance has no bar.
Figure variance_figure(const Forecast& forecast, const FigureOptions& options = {});

}  // namespace putki
