#pragma once
// For tests of every module that keeps tables: a real PostgreSQL, alone on a unix socket in a temporary
// folder, on which a schema's migrations are applied and its statements prepared.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "store/database.h"

namespace sightline::store::test {

/// Starts at construction, ends with the object. PostgreSQL refuses to run as root: root's tests run it as
/// nobody.
class Postgres {
 public:
  Postgres() {
    std::string name = (std::filesystem::temp_directory_path() / "postgres_XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    if (::geteuid() == 0 && ::chown(folder_.c_str(), kNobody, kNobody) != 0) {
      problem_ = "the temporary folder cannot be given to nobody";
      return;
    }
    programs_ = find_programs();
    if (programs_.empty()) {
      problem_ = "PostgreSQL is not here: run ./sightline setup --tests";
      return;
    }
    const std::string data = (folder_ / "data").string();
    if (run({(programs_ / "initdb").string(), "-D", data, "-U", "sightline", "-A", "trust", "--no-sync", "-N",
             "--locale=C.UTF-8", "-E", "UTF8"}) != 0) {
      problem_ = "initdb failed: " + log();
      return;
    }
    server_ = spawn({(programs_ / "postgres").string(), "-D", data, "-k", folder_.string(), "-c",
                     "listen_addresses=", "-c", "fsync=off", "-c", "unix_socket_permissions=0777"});
    for (int i = 0; i < 200; ++i) {
      if (run({(programs_ / "pg_isready").string(), "-q", "-h", folder_.string()}) == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    problem_ = "postgres does not start: " + log();
  }
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;
  ~Postgres() {
    if (server_ > 0) {
      ::kill(server_, SIGQUIT);
      ::waitpid(server_, nullptr, 0);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// Why nothing works; empty when it runs.
  [[nodiscard]] const std::string& problem() const { return problem_; }

  /// A new database, in libpq's words; empty when there is none.
  std::string create_database() {
    const std::string database = "s" + std::to_string(++databases_);
    if (!problem_.empty() || !execute("postgres", "CREATE DATABASE " + database + ";").empty() ||
        !execute(database, "CREATE DOMAIN BLOB AS BYTEA;").empty())
      return "";
    return "host=" + folder_.string() + " user=sightline dbname=" + database;
  }

  /// Migrates and prepares, in a database of its own; empty when PostgreSQL takes all of it, else what it
  /// says.
  std::string refuses(const Schema& schema) {
    if (!problem_.empty()) return problem_;
    const std::string database = "s" + std::to_string(++databases_);
    if (!execute("postgres", "CREATE DATABASE " + database + ";").empty()) return log();
    std::string script = "CREATE DOMAIN BLOB AS BYTEA;\n";
    for (const std::string_view migration : schema.migrations) script += std::string(migration) + ";\n";
    int count = 0;
    for (const std::string_view statement : schema.statements)
      script += "PREPARE statement_" + std::to_string(++count) + " AS " + std::string(statement) + ";\n";
    return execute(database, script);
  }

  /// Runs SQL through psql; empty when all of it went well.
  std::string execute(const std::string& database, const std::string& sql) {
    const auto file = folder_ / "script.sql";
    std::ofstream(file) << sql;
    ::chmod(file.c_str(), 0644);
    const std::ofstream emptied(folder_ / "log", std::ios::trunc);
    const int status = run({(programs_ / "psql").string(), "-h", folder_.string(), "-U", "sightline", "-d",
                            database, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file.string()});
    return status == 0 ? "" : "psql: " + log();
  }

 private:
  static constexpr uid_t kNobody = 65534;

  static std::filesystem::path find_programs() {
    for (int version = 20; version >= 13; --version) {
      const std::filesystem::path place = "/usr/lib/postgresql/" + std::to_string(version) + "/bin";
      if (std::filesystem::exists(place / "postgres") && std::filesystem::exists(place / "psql"))
        return place;
    }
    return {};
  }

  std::string log() {
    std::ifstream in(folder_ / "log");
    return {std::istreambuf_iterator<char>(in), {}};
  }

  pid_t spawn(const std::vector<std::string>& words) {
    const std::string out = (folder_ / "log").string();
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    if (std::freopen(out.c_str(), "a", stdout) == nullptr || ::dup2(1, 2) < 0) ::_exit(127);
    ::chmod(out.c_str(), 0666);
    if (::chdir(folder_.c_str()) != 0) ::_exit(127);
    if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(127);
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }

  int run(const std::vector<std::string>& words) {
    int status = 0;
    ::waitpid(spawn(words), &status, 0);
    return status;
  }

  std::filesystem::path folder_;
  std::filesystem::path programs_;
  pid_t server_ = -1;
  int databases_ = 0;
  std::string problem_;
};

}  // namespace sightline::store::test
