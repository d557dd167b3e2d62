#pragma once
// Columns of the orders as covariates of customers: numbers as they are, text as one 0/1 column a value.

#include <putki/putki.hpp>

#include "command_line.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace example {

/// Values of text that fewer customers have are taken together.
constexpr std::size_t kFewCustomers = 20;
/// A column of text with more values is a name, not a kind.
constexpr std::size_t kMostValues = 20;

struct CovariateColumns {
  std::vector<std::string> names;
  std::vector<std::vector<double>> of_customer;  ///< by customer, then name
  std::vector<std::string> notes;
};

inline std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

inline void add_column(CovariateColumns& columns, const std::string& name, const std::vector<double>& values) {
  columns.names.push_back(name);
  for (std::size_t c = 0; c < values.size(); ++c) columns.of_customer[c].push_back(values[c]);
}

/// Numbers; who has none gets the mean of the others, and a column that says so.
inline void add_numbers(CovariateColumns& columns, const std::string& name,
                        const std::vector<std::optional<double>>& numbers) {
  double mean = 0, known = 0;
  for (const auto& number : numbers)
    if (number) mean += (*number - mean) / ++known;
  std::vector<double> values, unknown;
  for (const auto& number : numbers) {
    values.push_back(number.value_or(mean));
    unknown.push_back(number ? 0 : 1);
  }
  add_column(columns, name, values);
  if (known < static_cast<double>(numbers.size())) add_column(columns, name + "=unknown", unknown);
}

/// One column for each value but the commonest.
inline void add_kinds(CovariateColumns& columns, const std::string& name, const std::vector<std::string>& texts) {
  std::map<std::string, std::size_t> customers;
  for (const std::string& text : texts) ++customers[text];
  const auto commonest = std::max_element(customers.begin(), customers.end(),
                                          [](const auto& a, const auto& b) { return a.second < b.second; });
  std::vector<std::string> few, own;
  std::size_t others = 0;
  for (const auto& [text, count] : customers) {
    if (text == commonest->first) continue;
    (count < kFewCustomers ? few : own).push_back(text);
    if (count < kFewCustomers) others += count;
  }
  if (own.size() + 1 > kMostValues || 2 * others > texts.size())
    throw putki::InvalidArgument("--covariate " + name + " has " + std::to_string(customers.size()) +
                                 " different values" + (2 * others > texts.size() ? ", most of few customers" : "") +
                                 "; up to " + std::to_string(kMostValues) + " kinds are allowed");
  if (own.empty() && others < kFewCustomers)
    throw putki::InvalidArgument("--covariate " + name +
                                 " tells nobody apart: " + std::to_string(texts.size() - others) + " of " +
                                 counted(texts.size(), "customer") + " have '" + commonest->first + "'");
  const auto shown = [](const std::string& text) { return text.empty() ? std::string("unknown") : text; };
  const auto add = [&](const std::string& label, auto&& is) {
    std::vector<double> values;
    for (const std::string& text : texts) values.push_back(is(text) ? 1 : 0);
    add_column(columns, name + "=" + label, values);
  };
  for (const std::string& kind : own) add(shown(kind), [&](const std::string& text) { return text == kind; });
  if (others >= kFewCustomers)
    add("other", [&](const std::string& text) { return std::ranges::find(few, text) != few.end(); });
  columns.notes.push_back("effects of " + name + " are against " + shown(commonest->first));
  if (!few.empty())
    columns.notes.push_back(counted(others, "customer") + " with a " + name + " of fewer than " +
                            std::to_string(kFewCustomers) + " customers " + (others == 1 ? "is" : "are") +
                            " taken together" +
                            (others < kFewCustomers ? ", with " + shown(commonest->first) : std::string()));
}

/// By the values in each customer's first order.
inline CovariateColumns covariate_columns(const putki::OrderLog& log, const std::vector<std::string>& names,
                                          const std::vector<putki::CustomerId>& ids) {
  CovariateColumns columns;
  columns.of_customer.resize(ids.size());
  for (const std::string& name : names) {
    const putki::Attribute& attribute = log.attribute(name);
    std::vector<std::string> texts;
    for (const putki::CustomerId id : ids) texts.emplace_back(attribute.values[attribute.codes[putki::index(id)]]);
    std::vector<std::optional<double>> numbers;
    bool any = false, all = true;
    for (const std::string& text : texts) {
      numbers.push_back(number_of(text));
      any = any || numbers.back();
      all = all && (numbers.back() || text.empty());
    }
    if (any && all) {
      add_numbers(columns, name, numbers);
    } else {
      add_kinds(columns, name, texts);
    }
  }
  return columns;
}

}  // namespace example
