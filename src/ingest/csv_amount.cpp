#include "ingest/csv_amount.hpp"

#include <putki/events/event_log_builder.hpp>

#include <array>
#include <string>

#include "core/utf8.hpp"
#include "ingest/cell_text.hpp"

namespace putki {
namespace {

// ISO 4217, the codes in use and those that ended since 1999.
constexpr std::string_view kCurrencies =
    " AED AFN ALL AMD ANG AOA ARS ATS AUD AWG AZN BAM BBD BDT BEF BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD "
    "CDF CHF CLP CNY COP CRC CUP CVE CYP CZK DEM DJF DKK DOP DZD EEK EGP ERN ESP ETB EUR FIM FJD FKP FRF GBP GEL GHS "
    "GIP GMD GNF GRD GTQ GYD HKD HNL HRK HTG HUF IDR IEP ILS INR IQD IRR ISK ITL JMD JOD JPY KES KGS KHR KMF KPW KRW "
    "KWD KYD KZT LAK LBP LKR LRD LSL LTL LUF LVL LYD MAD MDL MGA MKD MMK MNT MOP MRU MTL MUR MVR MWK MXN MYR MZN NAD "
    "NGN NIO NLG NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PTE PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SIT "
    "SKK SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST "
    "XAF XCD XOF XPF YER ZAR ZMW ZWL ";

// Signs and short words that mean a currency unit. None that could mean a multiple: no k, M, Mio, mln, cents.
constexpr std::array<std::string_view, 19> kCurrencyWords = {"us$", "ca$", "au$", "nz$",       "hk$",      "mx$", "r$",
                                                             "a$",  "c$",  "s$",  "$",         "kr.",      "kr",  "rs.",
                                                             "rs",  "ft",  "fr.", "z\xc5\x82", "k\xc4\x8d"};

bool is_blank(char32_t c) {
  return c == ' ' || c == '\t' || c == 0xa0 || c == 0x202f || c == 0x2009;
}
bool is_sign(char32_t c) {
  return c == '-' || c == '+' || c == 0x2212;
}
bool is_currency_sign(char32_t c) {
  return c == 0xa3 || c == 0xa5 || (c >= 0x20a0 && c <= 0x20cf);
}

// A view of a number's text that takes things off at either end.
class Ends {
 public:
  explicit Ends(std::string_view text) : text_(text) {}
  std::string_view text() const { return text_; }

  void take_blanks() {
    while (is_blank(first())) drop_first();
    while (is_blank(last())) drop_last();
  }
  char32_t first() const { return text_.empty() ? 0 : detail::code_point_at(text_, 0).value; }
  char32_t last() const { return text_.empty() ? 0 : detail::code_point_at(text_, last_begin()).value; }
  void drop_first() {
    const std::size_t length = detail::code_point_at(text_, 0).length;
    text_.remove_prefix(length == 0 ? 1 : length);
  }
  void drop_last() { text_ = text_.substr(0, last_begin()); }

  bool take_currency_before() {
    if (is_currency_sign(first())) return drop_first(), true;
    const std::size_t length = currency_length(text_, true);
    text_.remove_prefix(length);
    return length > 0;
  }
  bool take_currency_after() {
    if (is_currency_sign(last())) return drop_last(), true;
    const std::size_t length = currency_length(text_, false);
    text_.remove_suffix(length);
    return length > 0;
  }

 private:
  std::size_t last_begin() const {
    std::size_t at = text_.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(text_[at]) & 0xc0) == 0x80) --at;
    return at;
  }
  static bool is_letter(char c) {
    const char lower = detail::ascii_lower(c);
    return lower >= 'a' && lower <= 'z';
  }
  // Bytes of a currency word or code at the front or the back; 0 for none.
  static std::size_t currency_length(std::string_view text, bool front) {
    const char end = text.empty() ? '0' : front ? text.front() : text.back();
    if ((end >= '0' && end <= '9') || end == '(' || end == ')') return 0;
    const auto part = [&](std::size_t length) {
      return front ? text.substr(0, length) : text.substr(text.size() - length);
    };
    if (text.size() >= 3) {
      std::string code = " ";
      for (const char c : part(3)) code += is_letter(c) ? static_cast<char>(c & ~0x20) : '?';
      if (kCurrencies.find(code + " ") != std::string_view::npos) return 3;
    }
    for (const std::string_view word : kCurrencyWords) {
      if (text.size() >= word.size() && lower_ascii(part(word.size())) == word) return word.size();
    }
    return 0;
  }

  std::string_view text_;
};

// The digits of a number and the place of its decimal point: 12.50e1 is "1250", point 3.
struct Digits {
  std::string digits;
  std::int64_t point = 0;
};

// Nearest minor unit, halves away from zero. False: beyond what an amount may be.
bool to_minor(const Digits& number, std::int64_t& minor) {
  const std::size_t begin = number.digits.find_first_not_of('0');
  minor = 0;
  if (begin == std::string::npos) return true;
  const std::int64_t kept = number.point + 2;  // digits that make the minor units, counted from the first of all
  if (kept - static_cast<std::int64_t>(begin) > 17) return false;
  const auto digit = [&](std::int64_t i) {
    return i >= 0 && i < static_cast<std::int64_t>(number.digits.size())
               ? number.digits[static_cast<std::size_t>(i)] - '0'
               : 0;
  };
  for (auto i = static_cast<std::int64_t>(begin); i < kept; ++i) minor = minor * 10 + digit(i);
  if (kept >= 0 && digit(kept) >= 5) ++minor;
  return minor <= kLargestAmount.minor;
}

}  // namespace

bool AmountColumn::settle() {
  const bool rightly = thousands_ != '\0' || (decimals_ > 0 && groups_ == 0);
  const bool settled = doubtful_ == 0 || rightly == mark_is_decimal_;
  mark_is_decimal_ = rightly;
  doubtful_ = decimals_ = groups_ = 0;
  return settled;
}

AmountColumn::Outcome AmountColumn::read_any(std::string_view text, Money& amount) {
  amount = kNoAmount;
  Ends ends(trimmed(text));
  ends.take_blanks();
  if (is_null(ends.text())) return Outcome::missing;
  bool negative = false;
  if (ends.first() == '(' && ends.last() == ')') {
    negative = true;
    ends.drop_first();
    ends.drop_last();
  }
  bool sign = negative;
  bool before = false;
  bool after = false;
  // In any order before the number: a sign, a currency; and after it likewise.
  for (bool more = true; more;) {
    more = false;
    ends.take_blanks();
    if (!sign && is_sign(ends.first())) {
      negative = ends.first() != '+';
      sign = more = true;
      ends.drop_first();
    } else if (ends.text().size() > 2 && ends.last() == '-' && ends.text()[ends.text().size() - 2] == decimal_) {
      more = true;  // 500,- is 500 and no cents
      ends.drop_last();
      ends.drop_last();
    } else if (!sign && ends.text().size() > 1 && is_sign(ends.last())) {
      negative = ends.last() != '+';
      sign = more = true;
      ends.drop_last();
    } else if (!before && ends.take_currency_before()) {
      before = more = true;
    } else if (!after && ends.take_currency_after()) {
      after = more = true;
    }
  }
  const std::string word = lower_ascii(ends.text().substr(0, 8));
  if (word == "inf" || word == "infinity" || ends.text() == "\xe2\x88\x9e") return Outcome::impossible;
  return read_number(ends.text(), negative, amount);
}

AmountColumn::Outcome AmountColumn::read_number(std::string_view text, bool negative, Money& amount) {
  Digits number;
  std::size_t i = 0;
  const auto take_digits = [&] {
    const std::size_t first = i;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i) number.digits += text[i];
    return i - first;
  };
  const auto take_thousands_mark = [&]() -> bool {
    if (thousands_ == '\0' || i >= text.size()) return false;
    const auto point = detail::code_point_at(text, i);
    const bool found = thousands_ == ' ' ? is_blank(point.value) : text[i] == thousands_;
    if (found) i += point.length;
    return found;
  };
  // Integer part: digits, or groups of them.
  std::size_t group = take_digits();
  const std::size_t first_group = group;
  std::size_t groups = 1;
  std::size_t inner = 0;  // size of the groups between the first and the last
  bool groups_fit = true;
  while (group > 0 && take_thousands_mark()) {
    if (groups >= 2) {
      groups_fit = groups_fit && (inner == 0 || group == inner) && (group == 2 || group == 3);
      inner = group;
    }
    group = take_digits();
    ++groups;
  }
  if (groups > 1) {
    if (inner == 0) inner = 3;
    if (!groups_fit || group != 3 || first_group == 0 || first_group > inner) return Outcome::unreadable;
  }
  number.point = static_cast<std::int64_t>(number.digits.size());

  const bool has_mark = i < text.size() && text[i] == decimal_;
  std::size_t fraction = 0;
  if (has_mark) {
    ++i;
    fraction = take_digits();
  }
  if (number.digits.empty()) return Outcome::unreadable;
  if (has_mark && i < text.size() && text[i] == decimal_) {
    ++groups_;  // 1.234.567
    return Outcome::unreadable;
  }
  bool has_exponent = false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    has_exponent = true;
    ++i;
    const bool down = i < text.size() && text[i] == '-';
    if (down || (i < text.size() && text[i] == '+')) ++i;
    std::int64_t exponent = 0;
    const std::size_t first = i;
    for (; i < text.size() && i < first + 4 && text[i] >= '0' && text[i] <= '9'; ++i) {
      exponent = exponent * 10 + (text[i] - '0');
    }
    if (i == first) return Outcome::unreadable;
    number.point += down ? -exponent : exponent;
  }
  if (i != text.size()) return Outcome::unreadable;

  const bool doubtful = has_mark && fraction == 3 && groups == 1 && first_group >= 1 && first_group <= 3 &&
                        text[0] != '0' && !has_exponent;
  if (doubtful) {
    ++doubtful_;
    if (!mark_is_decimal_ && thousands_ == '\0') return Outcome::unreadable;
  } else if (fraction > 0) {
    ++decimals_;
  }

  std::int64_t minor = 0;
  if (!to_minor(number, minor)) return Outcome::impossible;
  if (negative && !negatives_ && number.digits.find_first_not_of('0') != std::string::npos) return Outcome::impossible;
  amount = Money{negative ? -minor : minor};
  return Outcome::read;
}

}  // namespace putki
