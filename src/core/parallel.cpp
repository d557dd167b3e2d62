#include <putki/core/parallel.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace putki {
namespace {

constexpr std::size_t kMostThreads = 256;
constexpr double kReportEvery = 1e-3;

// The indices still to do, and what went wrong first.
class Loop {
 public:
  Loop(std::size_t count, const std::function<void(std::size_t)>& body) : count_(count), body_(body) {}

  // Takes indices until none is left or the loop has stopped. Whoever took an index runs it, and indices are handed out
  // in order; so when an index throws, every smaller one has run or is running, and the smallest is the same whatever
  // the threads.
  void work(const Progress& progress) {
    double next_report = kReportEvery;
    while (!stopped_) {
      const std::size_t i = next_++;
      if (i >= count_) return;
      if (!guarded(i, [&] { body_(i); })) return;
      const double share_done = static_cast<double>(++done_) / static_cast<double>(count_);
      if (!progress || share_done < next_report || share_done >= 1.0) continue;
      next_report = share_done + kReportEvery;
      if (!guarded(count_, [&] { report_progress(progress, share_done); })) return;
    }
  }

  void rethrow_first() const {
    if (exception_) std::rethrow_exception(exception_);
  }

 private:
  template <class Call>
  bool guarded(std::size_t rank, Call call) {
    try {
      call();
      return true;
    } catch (...) {
      stopped_ = true;
      const std::lock_guard lock(mutex_);
      if (!exception_ || rank < rank_) {
        exception_ = std::current_exception();
        rank_ = rank;
      }
      return false;
    }
  }

  const std::size_t count_;
  const std::function<void(std::size_t)>& body_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> done_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::exception_ptr exception_;
  std::size_t rank_ = 0;
};

// An Asio thread pool that makes do with the threads it gets. The pool's own constructor waits for ever when the system
// grants some threads and then refuses one, so it starts none and ours join it.
class Crew {
 public:
  explicit Crew(std::size_t size) {
    threads_.reserve(size);
    try {
      while (threads_.size() < size) threads_.emplace_back([this] { pool_.attach(); });
    } catch (const std::exception&) {
    }
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() {
    pool_.stop();
    for (std::thread& thread : threads_) thread.join();
  }

  template <class Task>
  void each_does(const Task& task) {
    for (std::size_t n = 0; n < threads_.size(); ++n) boost::asio::post(pool_, task);
  }
  void wait() {
    pool_.wait();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  boost::asio::thread_pool pool_{0};
  std::vector<std::thread> threads_;
};

}  // namespace

void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body, unsigned threads,
                  const Progress& progress) {
  if (count == 0) return;
  const std::size_t wanted = threads == 0 ? std::max(1U, std::thread::hardware_concurrency()) : threads;
  const std::size_t helpers = std::min({wanted, count, kMostThreads}) - 1;
  Loop loop(count, body);
  if (helpers == 0) {
    loop.work(progress);
  } else {
    Crew crew(helpers);
    crew.each_does([&loop] { loop.work({}); });
    loop.work(progress);
    crew.wait();
  }
  loop.rethrow_first();
  report_progress(progress, 1.0);
}

}  // namespace putki
