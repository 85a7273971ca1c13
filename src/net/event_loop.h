#pragma once
// One thread that waits for sockets, tasks and time. Wraps Asio.

#include <chrono>
#include <functional>
#include <memory>
#include <span>

#include "base/result.h"

namespace sightline::net {

/// A non-blocking socket, closed by the destructor; waits that are pending then never fire. Of the loop's
/// thread.
class Socket {
 public:
  virtual ~Socket() = default;
  [[nodiscard]] virtual int fd() const = 0;
  /// Calls back once when reading (writing) would not block, or the peer is gone. One wait of each kind at a
  /// time.
  virtual void when_readable(std::move_only_function<void()> callback) = 0;
  virtual void when_writable(std::move_only_function<void()> callback) = 0;
};

class EventLoop {
 public:
  using Task = std::move_only_function<void()>;

  static std::unique_ptr<EventLoop> create();
  virtual ~EventLoop() = default;

  /// From any thread, also after the loop has stopped: the task is then dropped.
  virtual void post(Task task) = 0;
  /// Calls `tick` again and again until the loop stops. Before run().
  virtual void every(std::chrono::milliseconds interval, Task tick) = 0;
  /// Serves until stop(). The calling thread is the loop's.
  virtual void run() = 0;
  virtual void stop() = 0;
  /// Takes ownership of a non-blocking descriptor.
  [[nodiscard]] virtual std::unique_ptr<Socket> adopt(int fd) = 0;
  /// Room for one read at a time, shared by all of the loop's connections: idle ones hold no buffer.
  [[nodiscard]] virtual std::span<char> scratch() = 0;
};

}  // namespace sightline::net
