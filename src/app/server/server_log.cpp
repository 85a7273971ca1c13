#include "app/server/server_log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <boost/json.hpp>

#include "base/utf8.h"

namespace sightline::server {
namespace {

constexpr std::size_t kLines = 16 * 1024;

}  // namespace

struct ServerLog::Impl {
  explicit Impl(LogFormat log_format) : format(log_format) {
    logger->set_pattern("%v");
    logger->set_level(spdlog::level::info);
    logger->flush_on(spdlog::level::warn);
  }

  void say(spdlog::level::level_enum level, std::string_view name, std::string_view id,
           std::string_view line) {
    if (format == LogFormat::text) {
      logger->log(level, "{}: {}{}{}", name, id, id.empty() ? "" : ": ", printable(line));
      return;
    }
    boost::json::object object{{"level", name}, {"message", line}};
    if (!id.empty()) object["id"] = id;
    logger->log(level, "{}", boost::json::serialize(object));
  }

  const LogFormat format;
  // Shared as spdlog wants it: lines on their way keep the logger, and the logger its thread.
  std::shared_ptr<spdlog::details::thread_pool> pool =
      std::make_shared<spdlog::details::thread_pool>(kLines, 1);
  std::shared_ptr<spdlog::async_logger> logger =
      std::make_shared<spdlog::async_logger>("sightline", std::make_shared<spdlog::sinks::stderr_sink_mt>(),
                                             pool, spdlog::async_overflow_policy::overrun_oldest);
};

ServerLog::ServerLog(LogFormat format) : impl_(std::make_unique<Impl>(format)) {}
ServerLog::~ServerLog() = default;

void ServerLog::access(const net::AccessRecord& record) {
  impl_->logger->info("{}", impl_->format == LogFormat::json ? net::to_json(record) : net::to_text(record));
}

void ServerLog::info(std::string_view line) {
  impl_->say(spdlog::level::info, "info", "", line);
}

void ServerLog::warn(std::string_view line) {
  impl_->say(spdlog::level::warn, "warning", "", line);
}

void ServerLog::error(std::string_view request_id, std::string_view line) {
  impl_->say(spdlog::level::err, "error", request_id, line);
}

}  // namespace sightline::server
