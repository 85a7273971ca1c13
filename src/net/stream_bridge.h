#pragma once
// Between a connection on its I/O thread and a transfer on a pool: bytes of the body wait here until a piece
// of them is worth a call, bytes of the answer until the client has room. Both are bounded. A task runs on
// the pool only while there is something to do, so that a slow client holds no thread.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/worker_pool.h"
#include "net/handler.h"

namespace sightline::net {

/// Thread-safe; shared by the connection and the task on the pool.
class StreamBridge final : public std::enable_shared_from_this<StreamBridge> {
 public:
  static constexpr std::size_t kBodyPiece = 64 * 1024;  ///< what is worth a call of Transfer::take()
  static constexpr std::size_t kBodyRoom = 256 * 1024;
  static constexpr std::size_t kOutputPiece = 128 * 1024;
  static constexpr std::size_t kOutputRoom = 256 * 1024;
  /// All of these while memory is short.
  static constexpr std::size_t kShortRoom = 16 * 1024;

  struct Options {
    bool head_request = false;
    bool chunks_allowed = true;      ///< the client understands chunks in an answer
    bool waits_to_continue = false;  ///< the client sends no body before "100 Continue"
  };

  /// `wake` has the I/O thread look again: it posts, and may be called from any thread at any time. The pool
  /// outlives the bridge.
  StreamBridge(WorkerPool& pool, std::shared_ptr<Transfer> transfer, Options options,
               std::function<void()> wake)
      : pool_(pool), options_(options), wake_(std::move(wake)), transfer_(std::move(transfer)) {}

  // For the I/O thread; none of these waits.
  /// Calls Transfer::begin() soon where the client waits for that.
  void start();
  /// The body may be read, and there is room for more of it. Where there is none, false until a wake, however
  /// much the transfer takes meanwhile.
  [[nodiscard]] bool body_wanted();
  void push_body(std::string_view bytes);
  void end_body();
  /// The body will not come whole; the transfer words the answer.
  void fail_body(Error error);
  /// The client is gone.
  void lose();
  /// While memory is short, pieces are handed over however small they are, and little is kept here.
  void set_short_of_memory(bool is_short);

  struct Output {
    bool refused = false;                  ///< the pool was full
    std::optional<TransferAnswer> answer;  ///< once, before the first bytes
    std::vector<std::string> bytes;        ///< framed for the wire
    bool whole = false;                    ///< nothing follows
    std::optional<std::string> failure;    ///< the transfer cannot go on: what it threw, or what was wrong
  };
  [[nodiscard]] Output take_output();
  /// Bytes of take_output() that have left; makes room for more.
  void sent(std::size_t bytes);
  /// Bytes of the request and the answer that are in memory here, or with the connection.
  [[nodiscard]] std::size_t held() const;

 private:
  // Those that call the transfer give the mutex back meanwhile.
  void schedule() SIGHTLINE_REQUIRES(mutex_);
  [[nodiscard]] bool has_work() const SIGHTLINE_REQUIRES(mutex_);
  void run();
  void step() SIGHTLINE_REQUIRES(mutex_);
  void step_body() SIGHTLINE_REQUIRES(mutex_);
  void step_answer() SIGHTLINE_REQUIRES(mutex_);
  void take_answer(TransferAnswer answer) SIGHTLINE_REQUIRES(mutex_);
  void append(std::string bytes) SIGHTLINE_REQUIRES(mutex_);
  void dispose() SIGHTLINE_REQUIRES(mutex_);

  WorkerPool& pool_;
  const Options options_;
  const std::function<void()> wake_;
  mutable Mutex mutex_;
  std::shared_ptr<Transfer> transfer_
      SIGHTLINE_GUARDED_BY(mutex_);                     ///< null once there is nothing more to call
  bool admitted_ SIGHTLINE_GUARDED_BY(mutex_) = false;  ///< the pool has taken a first task
  bool running_ SIGHTLINE_GUARDED_BY(mutex_) = false;   ///< a task is on the pool, or on its way there
  bool begun_ SIGHTLINE_GUARDED_BY(mutex_) = false;     ///< Transfer::begin() has been called
  bool short_of_memory_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  bool lost_ SIGHTLINE_GUARDED_BY(mutex_) = false;

  std::string body_ SIGHTLINE_GUARDED_BY(mutex_);
  std::string piece_ SIGHTLINE_GUARDED_BY(mutex_);  ///< of the body, with the transfer
  bool body_ended_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  bool body_paused_ SIGHTLINE_GUARDED_BY(mutex_) = false;  ///< the connection reads no further until woken
  std::optional<Error> body_error_ SIGHTLINE_GUARDED_BY(mutex_);

  bool refused_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  bool answered_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  bool framed_ SIGHTLINE_GUARDED_BY(mutex_) = false;  ///< in chunks
  bool whole_ SIGHTLINE_GUARDED_BY(mutex_) = false;
  std::optional<TransferAnswer> answer_ SIGHTLINE_GUARDED_BY(mutex_);
  BodyLength length_ SIGHTLINE_GUARDED_BY(mutex_);
  std::uint64_t written_ SIGHTLINE_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> output_ SIGHTLINE_GUARDED_BY(mutex_);
  std::size_t unsent_ SIGHTLINE_GUARDED_BY(mutex_) = 0;  ///< in output_ and with the connection
  std::optional<std::string> failure_ SIGHTLINE_GUARDED_BY(mutex_);
};

}  // namespace sightline::net
