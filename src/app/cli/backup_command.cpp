#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/server/data_folder.h"
#include "base/key_file.h"
#include "base/words.h"
#include "store/backup.h"

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kBackupFooter = R"(Examples:
  sightline backup /mnt/backups/monday            of the server of this machine, which goes on serving
  sightline backup --data DIR /mnt/backups/monday
  sightline restore /mnt/backups/monday --data NEW-DIR

Whatever was acknowledged before the backup began is in it. It holds what the data folder holds: the key that opens
its secrets too, unless the server has that from elsewhere (--key-file).)";

struct BackupFlags {
  std::string folder;
  std::string data;
  bool json = false;
};

void print_size(const BackupFlags& flags, const char* done, const store::BackupSize& size) {
  if (flags.json) {
    fmt::print("{}\n", json::serialize(json::object{
                           {"databases", size.databases}, {"objects", size.blobs}, {"bytes", size.bytes}}));
  } else {
    fmt::print("{}: {}, {}, {} MB\n", done, counted(size.databases, "database"),
               counted(size.blobs, "content"), (size.bytes + 999'999) / 1'000'000);
  }
}

Result<void> run_backup(const BackupFlags& flags, const Locations& locations) {
  const fs::path data = TRY(server_folder(flags.data, locations));
  // What another user makes beside the databases their server could not open.
  TRY(server::check_owner(data));
  print_size(flags, "backed up", TRY(store::back_up(data, flags.folder, {std::string(kKeyFileName)})));
  return {};
}

Result<void> run_restore(const BackupFlags& flags, const Locations& locations) {
  const fs::path data = TRY(server_folder(flags.data, locations));
  print_size(flags, "restored", TRY(store::restore_backup(flags.folder, data, {std::string(kKeyFileName)})));
  return {};
}

CLI::App* add_command(CLI::App& app, Program& program, const char* name, const char* what, const char* folder,
                      Result<void> (*action)(const BackupFlags&, const Locations&)) {
  auto flags = std::make_shared<BackupFlags>();
  CLI::App* command = app.add_subcommand(name, what);
  command->footer(kBackupFooter);
  command->add_option("folder", flags->folder, folder)->required()->type_name("DIR");
  command->add_option("--data", flags->data, "the server's folder (~/.local/share/sightline/server)")
      ->type_name("DIR");
  command->add_flag("--json", flags->json, "say it in JSON, on standard output");
  command->callback([flags, &program, action] {
    if (auto done = action(*flags, program.locations); !done) {
      print_error(done.error());
      program.exit_code = exit_code(done.error().kind);
    }
  });
  return command;
}

}  // namespace

void add_backup_commands(CLI::App& app, Program& program) {
  add_command(app, program, "backup", "Copy a server's data folder while it serves",
              "where the copy goes: a new or empty folder", run_backup);
  add_command(app, program, "restore", "Make a data folder from a backup", "what `backup` has made",
              run_restore);
}

}  // namespace sightline::cli
