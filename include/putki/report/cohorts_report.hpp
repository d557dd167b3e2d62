#pragma once
/// \file
/// Cohorts for people (tables of at most 80 columns: triangles of won and ended by age, then what each cohort will come
/// to) and for programs (JSON). UTF-8, whatever the locale; what is absent is null in JSON and blank in tables.

#include <putki/funnel/cohorts.hpp>

#include <iosfwd>
#include <string>

namespace putki {

/// `{"as_of", "unit", "earlier_deals", "ages", "horizon", "dispersion", "pooled_won": [{"share", "interval"}],
///   "cohorts": [{"begin", "end", "deals", "open", "amounts_known", "amount", "mature",
///     "cells": [{"seen": "whole"|"part"|"none", "won", "ended", "won_value", "won_share", "ended_share",
///     "value_share"}], "count": {"so_far", "expected", "process_error", "estimate_error", "limits"}, "value"}]}`
std::string to_json(const Cohorts& cohorts);
void write_tables(std::ostream& out, const Cohorts& cohorts);

}  // namespace putki
