#include <putki/report/json_text.hpp>

#include "report/json.hpp"

namespace putki {

std::string json_text(std::string_view text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace putki
