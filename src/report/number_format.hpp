#pragma once
// Numbers, money and days as people of a country write them, for texts, tables and pictures alike.

#include <putki/core/period.hpp>
#include <putki/report/figure.hpp>

#include "report/json.hpp"

#include <string>

namespace putki {

class NumberFormat {
 public:
  // InvalidArgument: a locale that is not known.
  explicit NumberFormat(const FigureOptions& options);

  // Rounded half away from zero; no-break blanks where the locale groups by blanks; a true minus sign is not used.
  std::string number(double value, int decimals = 0) const;
  std::string money(double value, int decimals = 0) const;
  // `12.3 %`
  std::string share(double value, int decimals = 1) const;
  // 13 Jan 2012, 13.1.2012
  std::string day(Day day) const;
  // 13 Jan, 13.1.
  std::string day_of_year(Day day) const;
  // 13 Jan 2012 – 19 Jan 2012; one day alone; with `short_days` without years.
  std::string period(const Period& period, bool short_days = false) const;
  std::string cell(const FigureCell& cell) const;

  // `config.locale` of a specification.
  Json vega_locale() const;

 private:
  std::string decimal_, thousands_, prefix_, suffix_, percent_;
  Language language_;
};

}  // namespace putki
