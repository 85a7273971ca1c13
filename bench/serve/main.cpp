// bench_serve: what a request costs. Figures: docs/benchmarks/serve.md.
//
// Starts `sightline serve` on a free port with a key made by `sightline keys create`, and shares the
// machine's cores with it. Small operations: latency over one connection, rate over several; beside another
// server's
// (--beside http://127.0.0.1:5000, moto say) in the same run. Pictures: DetectFaces of a JPEG of 640x480,
// beside decoding it and looking for faces in this process, with the same threads.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <thread>

#include "base/base64.h"
#include "base/file.h"
#include "base/whole_number.h"
#include "serve/client.h"
#include "serve/writes.h"
#include "sight/faces/face_analyser.h"
#include "sight/media/picture.h"
#include "vision_arguments.h"

namespace sightline::bench {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using Ticks = std::chrono::steady_clock;

struct Arguments : VisionArguments {
  fs::path program = "build/release/bin/sightline";
  fs::path picture;
  std::string beside;
  fs::path folder = fs::temp_directory_path();
  int seconds = 3;
  bool writes = false;
};

double milliseconds_since(Ticks::time_point begin) {
  return std::chrono::duration<double, std::milli>(Ticks::now() - begin).count();
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* const pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return text;
  char buffer[4096];
  while (const std::size_t got = std::fread(buffer, 1, sizeof(buffer), pipe)) text.append(buffer, got);
  ::pclose(pipe);
  return text;
}

/// A server of the bench's own.
class Server {
 public:
  Server(const Arguments& arguments, const fs::path& data) {
    int pipe[2];
    if (::pipe(pipe) != 0) std::exit(1);
    const auto begin = Ticks::now();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(pipe[1], STDOUT_FILENO);
      const int null = ::open("/dev/null", O_WRONLY);
      ::dup2(null, STDERR_FILENO);
      const std::string threads = std::to_string(arguments.threads);
      ::execl(arguments.program.c_str(), "sightline", "serve", "--listen", "127.0.0.1:0", "--json", "--data",
              data.c_str(), "--threads", threads.c_str(), nullptr);
      ::_exit(127);
    }
    ::close(pipe[1]);
    std::string line;
    for (char c = 0; ::read(pipe[0], &c, 1) == 1 && c != '\n';) line += c;
    start_ms_ = milliseconds_since(begin);
    ::close(pipe[0]);
    const std::string endpoint(json::parse(line).at("endpoint").as_string());
    target_ = {"127.0.0.1", parse_whole<std::uint16_t>(endpoint.substr(endpoint.rfind(':') + 1)).value()};
  }
  ~Server() {
    ::kill(pid_, SIGTERM);
    ::waitpid(pid_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] const Target& target() const { return target_; }
  [[nodiscard]] double start_ms() const { return start_ms_; }
  /// "VmRSS:" in MB.
  [[nodiscard]] double memory_mb() const {
    std::ifstream status(fmt::format("/proc/{}/status", pid_));
    for (std::string word; status >> word;) {
      double kilobytes = 0;
      if (word == "VmRSS:" && status >> kilobytes) return kilobytes / 1000;
    }
    return 0;
  }

 private:
  pid_t pid_ = -1;
  double start_ms_ = 0;
  Target target_;
};

void print(const std::string& what, const Timing& timing) {
  fmt::print("{:<44} p50 {:8.0f} us  p99 {:8.0f} us  {:9.0f}/s  {} failed\n", what, timing.p50_us,
             timing.p99_us, timing.per_second, timing.failures);
}

std::string identity_request(const Target& target, const Key& key) {
  return signed_request(target, key, "sts", {{"content-type", "application/x-www-form-urlencoded"}},
                        "Action=GetCallerIdentity&Version=2011-06-15");
}

std::string rekognition_request(const Target& target, const Key& key, const std::string& operation,
                                std::string_view body) {
  return signed_request(
      target, key, "rekognition",
      {{"content-type", "application/x-amz-json-1.1"}, {"x-amz-target", "RekognitionService." + operation}},
      body);
}

std::optional<Target> other_server(const Arguments& arguments) {
  if (arguments.beside.empty()) return std::nullopt;
  return Target{
      "127.0.0.1",
      parse_whole<std::uint16_t>(arguments.beside.substr(arguments.beside.rfind(':') + 1)).value_or(0)};
}

void measure_small(const Target& target, const Key& key, const Arguments& arguments) {
  const std::chrono::seconds length(arguments.seconds);
  const auto both = [&](const std::string& name, const Target& at, const std::string& request) {
    (void)hammer(at, request, 1, std::chrono::milliseconds(300));
    print(name + ", 1 connection", hammer(at, request, 1, length));
    print(name + ", 8 connections", hammer(at, request, 8, length));
  };
  both("GetCallerIdentity", target, identity_request(target, key));
  both("ListCollections", target, rekognition_request(target, key, "ListCollections", "{}"));
  if (const auto other = other_server(arguments))
    both("GetCallerIdentity, the other server", *other, identity_request(*other, key));
}

/// Decoding, and every model pass that the answer needs, here.
Result<double> detection_ms(const Bytes& file, const Arguments& arguments) {
  const Models models = TRY(open_models(arguments));
  const auto detector = TRY(analysis::FaceDetector::create(*models.runtime, models.store));
  const auto mesher = TRY(faces::FaceMesher::create(*models.runtime, models.store));
  const auto eyes = TRY(faces::EyeReader::create(*models.runtime, models.store));
  const faces::FaceAnalyser analyser(*mesher, *eyes);
  std::vector<double> times;
  for (int i = 0; i < 60; ++i) {
    const auto begin = Ticks::now();
    const media::RgbImage picture = TRY(media::decode_rgb(file, "the picture"));
    for (const analysis::Face& face : TRY(faces::find_faces(*detector, picture))) {
      TRY(analyser.describe(picture, face, {}));
    }
    times.push_back(milliseconds_since(begin));
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

Result<Bytes> picture_of(const Arguments& arguments) {
  const fs::path path =
      arguments.picture.empty() ? arguments.cache / "demo" / "astronaut.png" : arguments.picture;
  const media::Picture picture = TRY(media::Picture::decode(TRY(read_file(path, 64U << 20U)), path.string()));
  return media::Picture::from_rgb(picture.to_rgb(media::Size{640, 480}))
      .encode_as(media::PictureFormat::jpeg);
}

Result<void> measure_pictures(const Target& target, const Key& key, const Arguments& arguments) {
  const Bytes file = TRY(picture_of(arguments));
  const std::string body = "{\"Image\":{\"Bytes\":\"" + base64_encode(file) + "\"}}";
  const std::string request = rekognition_request(target, key, "DetectFaces", body);
  (void)hammer(target, request, 1, std::chrono::seconds(1));
  const Timing one = hammer(target, request, 1, std::chrono::seconds(arguments.seconds));
  const double here = TRY(detection_ms(file, arguments));
  print("DetectFaces 640x480, 1 connection", one);
  fmt::print("{:<44} p50 {:8.0f} us; ratio {:.2f}\n", "decode, look and describe, in this process",
             1000 * here, one.p50_us / 1000 / here);
  print("DetectFaces 640x480, 64 connections",
        hammer(target, request, 64, std::chrono::seconds(2 * arguments.seconds)));
  return {};
}

Result<void> run_writes(const Arguments& arguments, const fs::path& data, const Key& key) {
  const Server server(arguments, data);
  return measure_writes(server.target(), key, other_server(arguments), data,
                        std::chrono::seconds(arguments.seconds));
}

Result<void> run_all(const Arguments& arguments, const fs::path& data, const Key& key) {
  {
    const Server first(arguments, data);  // so that the compiled models are there
    std::this_thread::sleep_for(std::chrono::seconds(3));
  }
  const Server server(arguments, data);
  fmt::print("{:<44} {:.0f} ms\n", "from exec to a port that answers", server.start_ms());
  std::this_thread::sleep_for(std::chrono::seconds(2));
  fmt::print("{:<44} {:.0f} MB\n", "memory, idle, models loaded", server.memory_mb());
  measure_small(server.target(), key, arguments);
  TRY(measure_pictures(server.target(), key, arguments));
  fmt::print("{:<44} {:.0f} MB\n", "memory after that", server.memory_mb());
  return {};
}

Result<void> run(const Arguments& arguments) {
  std::string name = (arguments.folder / "bench-serve-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return fail(ErrorKind::io, "no temporary folder");
  const json::value made = json::parse(output_of(
      fmt::format("{} keys create --json --data {} 2>/dev/null", arguments.program.string(), name)));
  const Key key{std::string(made.at("access_key_id").as_string()),
                std::string(made.at("secret_access_key").as_string())};
  const auto measured = arguments.writes ? run_writes(arguments, name, key) : run_all(arguments, name, key);
  std::error_code ignored;
  fs::remove_all(name, ignored);
  return measured;
}

}  // namespace
}  // namespace sightline::bench

int main(int argc, char** argv) {
  using namespace sightline;
  bench::Arguments arguments;
  arguments.threads = 0;  // all cores
  CLI::App app{"Measures the server"};
  app.add_option("--program", arguments.program, "sightline");
  bench::add_options(app, arguments);
  app.add_option("--picture", arguments.picture, "Instead of the demo portrait");
  app.add_option("--beside", arguments.beside, "Another server, asked the same");
  app.add_option("--folder", arguments.folder, "On the disk that is measured");
  app.add_flag("--writes", arguments.writes, "Small durable writes alone");
  app.add_option("--seconds", arguments.seconds, "Of each measurement");
  CLI11_PARSE(app, argc, argv);
  return bench::exit_status("bench_serve", bench::run(arguments));
}
