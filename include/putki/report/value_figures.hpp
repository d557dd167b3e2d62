#pragma once
/// \file
/// Customers as figures: how long they stay, whether the model describes them, who is still there, and where the value
/// lies. See figure.hpp.
///
/// All aggregate: specifications and tables do not grow with the number of customers. A figure that does not apply to
/// the report (retention without contracts, segments that were not asked for) has a title that says so, no picture and
/// a table without rows.

#include <putki/report/figure.hpp>
#include <putki/report/value_report.hpp>

namespace putki {

/// Of customers under contract: the share that has made so many renewals, as observed (Kaplan-Meier, those still here
/// censored, with 95 % limits: CustomerBaseValue::retention) and by the model, to the horizon beyond. InvalidArgument:
/// parameters that are neither those of the sBG nor of the beta-discrete-Weibull.
Figure retention_figure(const CustomerValueReport& report, const FigureOptions& options = {});

/// Customers by repeat purchases (contracts: by periods they lasted), observed and expected by the model. The title
/// says whether the model describes them: Pearson's chi-square over lines of an expected 5 or more, at 1 %.
Figure purchase_fit_figure(const CustomerValueReport& report, const FigureOptions& options = {});

/// Not under contract: the mean chance of being alive by repeat purchases and time since the last one, with the number
/// of customers.
Figure alive_figure(const CustomerValueReport& report, const FigureOptions& options = {});

/// What each tenth of customers, best first, holds of the residual value (without amounts: of the purchases to come).
/// Of contracts, customers who have left are not counted.
Figure value_concentration_figure(const CustomerValueReport& report, const FigureOptions& options = {});

/// Residual value per customer (without amounts: purchases to come) of each segment, with an 80 % interval; the 20
/// segments of most customers.
Figure segment_value_figure(const CustomerValueReport& report, const FigureOptions& options = {});

/// Those of the figures above that apply to the report, under a heading.
PageSection value_section(const CustomerValueReport& report, const FigureOptions& options = {});

}  // namespace putki
