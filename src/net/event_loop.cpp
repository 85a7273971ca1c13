#include "net/event_loop.h"

#ifdef __SANITIZE_THREAD__
// ThreadSanitizer does not know fences. A loop has one thread, and what is posted to it goes through a mutex.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#endif
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <vector>

namespace sightline::net {
namespace {

namespace asio = boost::asio;
using Descriptor = asio::posix::stream_descriptor;

class AsioSocket final : public Socket {
 public:
  AsioSocket(asio::io_context& context, int fd) : descriptor_(context, fd) {}

  int fd() const override { return const_cast<Descriptor&>(descriptor_).native_handle(); }
  void when_readable(std::move_only_function<void()> callback) override {
    wait(Descriptor::wait_read, std::move(callback));
  }
  void when_writable(std::move_only_function<void()> callback) override {
    wait(Descriptor::wait_write, std::move(callback));
  }

 private:
  void wait(Descriptor::wait_type type, std::move_only_function<void()> callback) {
    descriptor_.async_wait(type,
                           [callback = std::move(callback)](const boost::system::error_code& error) mutable {
                             if (error != asio::error::operation_aborted) callback();
                           });
  }

  Descriptor descriptor_;
};

class AsioLoop final : public EventLoop {
 public:
  AsioLoop() : scratch_(64 * 1024) {}

  void post(Task task) override { asio::post(context_, std::move(task)); }

  void every(std::chrono::milliseconds interval, Task tick) override {
    interval_ = interval;
    tick_ = std::move(tick);
    arm();
  }

  void run() override {
    const auto work = asio::make_work_guard(context_);
    context_.run();
  }

  void stop() override { context_.stop(); }

  std::unique_ptr<Socket> adopt(int fd) override { return std::make_unique<AsioSocket>(context_, fd); }

  std::span<char> scratch() override { return scratch_; }

 private:
  void arm() {
    timer_.expires_after(interval_);
    timer_.async_wait([this](const boost::system::error_code& error) {
      if (error) return;
      tick_();
      arm();
    });
  }

  asio::io_context context_{1};
  asio::steady_timer timer_{context_};
  std::chrono::milliseconds interval_{};
  Task tick_;
  std::vector<char> scratch_;
};

}  // namespace

std::unique_ptr<EventLoop> EventLoop::create() {
  return std::make_unique<AsioLoop>();
}

}  // namespace sightline::net
