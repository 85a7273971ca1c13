#pragma once
// Between a connection on its I/O thread and a transfer on a pool: bytes of the body wait here until a piece
// of them is worth a call, bytes of the answer until the client has room. Both are bounded. A task runs on
// the pool only while there is something to do, so that a slow client holds no thread.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

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
  using Lock = std::unique_lock<std::mutex>;
  void schedule();
  [[nodiscard]] bool has_work() const;
  void run();
  void step(Lock& lock);
  void step_body(Lock& lock);
  void step_answer(Lock& lock);
  void take_answer(TransferAnswer answer);
  void append(std::string bytes);
  void dispose(Lock& lock);

  WorkerPool& pool_;
  const Options options_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::shared_ptr<Transfer> transfer_;  ///< null once there is nothing more to call
  bool admitted_ = false;               ///< the pool has taken a first task
  bool running_ = false;                ///< a task is on the pool, or on its way there
  bool begun_ = false;                  ///< Transfer::begin() has been called
  bool short_of_memory_ = false;
  bool lost_ = false;

  std::string body_;
  std::string piece_;  ///< of the body, with the transfer
  bool body_ended_ = false;
  bool body_paused_ = false;  ///< the connection reads no further until woken
  std::optional<Error> body_error_;

  bool refused_ = false;
  bool answered_ = false;
  bool framed_ = false;  ///< in chunks
  bool whole_ = false;
  std::optional<TransferAnswer> answer_;
  BodyLength length_;
  std::uint64_t written_ = 0;
  std::vector<std::string> output_;
  std::size_t unsent_ = 0;  ///< in output_ and with the connection
  std::optional<std::string> failure_;
};

}  // namespace sightline::net
