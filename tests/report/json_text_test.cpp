#include <putki/report/json_text.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace putki;

TEST_CASE("any text comes back from its JSON, and what is no UTF-8 is marked") {
  std::string every_ascii;
  for (char c = 0; c < 127; ++c) every_ascii += c;
  for (const std::string& text :
       {std::string(), every_ascii, std::string("</script>\"'\\ \xE2\x82\xAC \xF0\x9F\x98\x80")})
    CHECK(nlohmann::json::parse(json_text(text)) == text);
  CHECK(nlohmann::json::parse(json_text("a\xFFz")) == "a\xEF\xBF\xBDz");
}
