#include "duckdb.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace putki::benchmarks {
namespace {

using Handle = void*;
using Index = std::uint64_t;

struct Result {
  Index column_count, row_count, rows_changed;
  void* columns;
  char* error_message;
  void* internal_data;
};

constexpr int kInteger = 4, kBigint = 5, kUtinyint = 6;  // of duckdb_type

void expect(int state, const char* doing) {
  if (state != 0) throw std::runtime_error(std::string("DuckDB: ") + doing + " failed");
}

}  // namespace

struct DuckDb::Library {
  explicit Library(const std::string& path) : file(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (file == nullptr) throw std::runtime_error(std::string("--duckdb: ") + dlerror());
  }

  template <class Function>
  void find(Function& function, const char* symbol) {
    void* found = dlsym(file, symbol);
    if (found == nullptr) throw std::runtime_error(std::string("--duckdb: the library has no ") + symbol);
    std::memcpy(&function, &found, sizeof found);
  }

  void* file;
  Handle database = nullptr, connection = nullptr;

  const char* (*library_version)();
  int (*open)(const char*, Handle*);
  void (*close)(Handle*);
  int (*connect)(Handle, Handle*);
  void (*disconnect)(Handle*);
  int (*query)(Handle, const char*, Result*);
  void (*destroy_result)(Result*);
  const char* (*result_error)(Result*);
  Index (*column_count)(Result*);
  Index (*row_count)(Result*);
  double (*value_double)(Result*, Index, Index);
  bool (*value_is_null)(Result*, Index, Index);
  int (*appender_create)(Handle, const char*, const char*, Handle*);
  int (*appender_destroy)(Handle*);
  int (*append_data_chunk)(Handle, Handle);
  Handle (*create_logical_type)(int);
  void (*destroy_logical_type)(Handle*);
  Handle (*create_data_chunk)(Handle*, Index);
  void (*destroy_data_chunk)(Handle*);
  void (*data_chunk_reset)(Handle);
  Handle (*data_chunk_get_vector)(Handle, Index);
  void (*data_chunk_set_size)(Handle, Index);
  void* (*vector_get_data)(Handle);
  Index (*vector_size)();
};

DuckDb::DuckDb(const std::string& library, int threads) : library_(std::make_unique<Library>(library)) {
  Library& duck = *library_;
#define PUTKI_FIND(name) duck.find(duck.name, "duckdb_" #name)
  PUTKI_FIND(library_version);
  PUTKI_FIND(open);
  PUTKI_FIND(close);
  PUTKI_FIND(connect);
  PUTKI_FIND(disconnect);
  PUTKI_FIND(query);
  PUTKI_FIND(destroy_result);
  PUTKI_FIND(result_error);
  PUTKI_FIND(column_count);
  PUTKI_FIND(row_count);
  PUTKI_FIND(value_double);
  PUTKI_FIND(value_is_null);
  PUTKI_FIND(appender_create);
  PUTKI_FIND(appender_destroy);
  PUTKI_FIND(append_data_chunk);
  PUTKI_FIND(create_logical_type);
  PUTKI_FIND(destroy_logical_type);
  PUTKI_FIND(create_data_chunk);
  PUTKI_FIND(destroy_data_chunk);
  PUTKI_FIND(data_chunk_reset);
  PUTKI_FIND(data_chunk_get_vector);
  PUTKI_FIND(data_chunk_set_size);
  PUTKI_FIND(vector_get_data);
  PUTKI_FIND(vector_size);
#undef PUTKI_FIND
  expect(duck.open(nullptr, &duck.database), "opening a database in memory");
  expect(duck.connect(duck.database, &duck.connection), "connecting");
  query("SET threads = " + std::to_string(threads));
}

// The library itself stays loaded: its threads may still be ending.
DuckDb::~DuckDb() {
  if (library_->connection != nullptr) library_->disconnect(&library_->connection);
  if (library_->database != nullptr) library_->close(&library_->database);
}

std::string DuckDb::version() const {
  return library_->library_version();
}

void DuckDb::load(const EventLog& log) {
  Library& duck = *library_;
  query("CREATE OR REPLACE TABLE events (deal INTEGER NOT NULL, stage UTINYINT NOT NULL, time BIGINT NOT NULL)");
  Handle types[] = {duck.create_logical_type(kInteger), duck.create_logical_type(kUtinyint),
                    duck.create_logical_type(kBigint)};
  Handle chunk = duck.create_data_chunk(types, 3);
  Handle appender = nullptr;
  expect(duck.appender_create(duck.connection, nullptr, "events", &appender), "appending");
  const auto offsets = log.offsets();
  std::size_t deal = 0;
  for (std::size_t begin = 0; begin < log.event_count();) {
    const std::size_t size = std::min<std::size_t>(duck.vector_size(), log.event_count() - begin);
    duck.data_chunk_reset(chunk);
    auto* deals = static_cast<std::int32_t*>(duck.vector_get_data(duck.data_chunk_get_vector(chunk, 0)));
    auto* stages = static_cast<std::uint8_t*>(duck.vector_get_data(duck.data_chunk_get_vector(chunk, 1)));
    auto* times = static_cast<std::int64_t*>(duck.vector_get_data(duck.data_chunk_get_vector(chunk, 2)));
    for (std::size_t i = 0; i < size; ++i) {
      while (offsets[deal + 1] <= begin + i) ++deal;
      deals[i] = static_cast<std::int32_t>(deal);
      stages[i] = static_cast<std::uint8_t>(index(log.stages()[begin + i]));
      times[i] = log.times()[begin + i].time_since_epoch().count();
    }
    duck.data_chunk_set_size(chunk, size);
    expect(duck.append_data_chunk(appender, chunk), "appending");
    begin += size;
  }
  expect(duck.appender_destroy(&appender), "appending");
  duck.destroy_data_chunk(&chunk);
  for (Handle& type : types) duck.destroy_logical_type(&type);
}

std::vector<std::vector<double>> DuckDb::query(const std::string& sql) {
  Library& duck = *library_;
  Result result{};
  const int state = duck.query(duck.connection, sql.c_str(), &result);
  if (state != 0) {
    const char* error = duck.result_error(&result);
    const std::string message = error == nullptr ? "no reason given" : error;
    duck.destroy_result(&result);
    throw std::runtime_error("DuckDB: " + message);
  }
  std::vector<std::vector<double>> rows(duck.row_count(&result), std::vector<double>(duck.column_count(&result)));
  for (std::size_t r = 0; r < rows.size(); ++r)
    for (std::size_t c = 0; c < rows[r].size(); ++c)
      rows[r][c] = duck.value_is_null(&result, c, r) ? std::numeric_limits<double>::quiet_NaN()
                                                     : duck.value_double(&result, c, r);
  duck.destroy_result(&result);
  return rows;
}

}  // namespace putki::benchmarks
