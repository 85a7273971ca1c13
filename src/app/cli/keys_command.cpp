#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "app/cli/commands.h"
#include "app/cli/exit_codes.h"
#include "app/server/data_folder.h"
#include "base/file.h"
#include "base/key_file.h"
#include "cloud/identity/identities.h"
#include "store/stores.h"

namespace sightline::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kKeysFooter = R"text(Examples:
  eval "$(sightline keys create)"                  a key of the account itself, into this shell
  sightline keys create --user alice --policy AdministratorAccess
                                                   of a user, who is made if need be, and who may do everything
  sightline keys list
  sightline keys disable AKIAIOSFODNN7EXAMPLE

The secret is shown once. A server that runs on the same folder is told at once.)text";

struct KeysFlags {
  std::string data;
  std::string key_file;
  std::string account = "000000000000";
  std::string user;
  std::vector<std::string> policies;
  bool also_for_older_keys = false;
  std::string id;
  bool json = false;
};

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  const bool fresh = fs::create_directories(folder, error);
  if (error) return std::unexpected(system_error("create", folder, error.value()));
  if (fresh && ::chmod(folder.c_str(), 0700) != 0)
    return std::unexpected(system_error("protect", folder, errno));
  return server::check_owner(folder);
}

/// The keys of the folder, with what they need to be opened.
struct Keys {
  static Result<std::unique_ptr<Keys>> open(const fs::path& folder, const KeysFlags& flags) {
    auto keys = std::make_unique<Keys>();
    const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
    SecretKeys sealing =
        TRY(load_keys({flags.key_file, credentials == nullptr ? "" : credentials, folder}, keys->random));
    keys->identities = TRY(identity::Identities::open(*store::stores_in_folder(folder), std::move(sealing),
                                                      keys->clock, keys->random));
    return keys;
  }
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<identity::Identities> identities;
};

/// On standard error, beside what a program or shell reads.
Result<void> tell_server(const fs::path& folder) {
  const auto server = server::find_server(folder);
  if (!server) {
    fmt::print(stderr, "no server runs on {}: the next one will know\n", folder.string());
    return {};
  }
  if (!server->reachable)
    return fail(
        ErrorKind::permission_denied,
        fmt::format(
            "the server on '{}' runs in another container and does not know of it yet: send it SIGHUP "
            "there, or restart it",
            folder.string()));
  if (::kill(server->pid, SIGHUP) != 0)
    return fail(ErrorKind::permission_denied,
                fmt::format("the server on '{}' (process {}) cannot be told: send it SIGHUP, or restart it",
                            folder.string(), server->pid));
  fmt::print(stderr, "the server on {} (process {}) has been told\n", folder.string(), server->pid);
  return {};
}

/// A managed policy by its ARN or its name. AWS's come before the account's own: who may make policies does
/// not decide what `--policy AmazonS3ReadOnlyAccess` gives.
Result<std::string> find_policy(identity::Identities& identities, const KeysFlags& flags,
                                const std::string& wanted) {
  const bool is_arn = wanted.starts_with("arn:");
  const std::vector<std::string> arns =
      is_arn ? std::vector{wanted} : identities.policies().find_managed(flags.account, wanted);
  for (const std::string& arn : arns)
    if (identities.policies().has_managed(flags.account, arn)) return arn;
  return fail(ErrorKind::not_found,
              fmt::format("there is no managed policy '{}': AdministratorAccess allows everything, and "
                          "AmazonS3ReadOnlyAccess, say, only to read objects",
                          wanted));
}

/// A policy is the user's and not a key's: whoever made the user before, and has a key of it, would get it
/// too.
Result<void> check_older_keys(identity::Identities& identities, const KeysFlags& flags,
                              const std::vector<std::string>& arns) {
  const auto attached =
      identities.entity_policies().attached(flags.account, {identity::EntityKind::user, flags.user});
  if (!attached) return std::unexpected(attached.error().error);
  const bool nothing_new =
      std::ranges::all_of(arns, [&](const auto& arn) { return std::ranges::count(*attached, arn) > 0; });
  if (nothing_new || flags.also_for_older_keys) return {};
  const auto keys = TRY(identities.list_access_keys(flags.account, flags.user));
  if (keys.empty()) return {};
  return fail(
      ErrorKind::already_exists,
      fmt::format("the user '{}' is there already and has the key {}, which could then do the same: delete "
                  "it, name another user, or say --also-for-older-keys",
                  flags.user, keys.front().id));
}

/// Makes the user if need be, and attaches what is asked for.
Result<void> prepare_user(identity::Identities& identities, const KeysFlags& flags) {
  std::vector<std::string> arns;
  for (const std::string& policy : flags.policies)
    arns.push_back(TRY(find_policy(identities, flags, policy)));
  const auto user = identities.create_user(flags.account, flags.user);
  if (!user && user.error().kind != ErrorKind::already_exists) return std::unexpected(user.error());
  if (!user) TRY(check_older_keys(identities, flags, arns));
  const identity::EntityRef ref{identity::EntityKind::user, flags.user};
  for (const std::string& arn : arns) {
    const auto attached = identities.entity_policies().attach(flags.account, ref, arn);
    if (!attached) return std::unexpected(attached.error().error);
    fmt::print(stderr, "{} has the policy {}\n", flags.user, arn);
  }
  const auto found = identities.find_entity(flags.account, ref);
  if (!found) return std::unexpected(found.error().error);
  if (identities.policies().policies_of(found->id).all().empty())
    fmt::print(stderr,
               "{0} may do nothing yet: attach a policy with --policy, or with `aws iam attach-user-policy "
               "--user-name {0} --policy-arn arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess`, say\n",
               found->name);
  return {};
}

Result<void> create_key(const KeysFlags& flags, const Program& program) {
  if (flags.user.empty() && !flags.policies.empty())
    return fail(ErrorKind::invalid_argument,
                "--policy needs --user: the account itself may do everything and has no policies");
  const fs::path folder = TRY(server_folder(flags.data, program.locations));
  TRY(make_folder(folder));
  const auto keys = TRY(Keys::open(folder, flags));
  if (!flags.user.empty()) TRY(prepare_user(*keys->identities, flags));
  const auto key = TRY(keys->identities->create_access_key(flags.account, flags.user));
  if (flags.json) {
    fmt::print("{}\n", json::serialize(json::object{{"access_key_id", key.access_key_id},
                                                    {"secret_access_key", key.secret},
                                                    {"arn", key.principal.arn}}));
  } else {
    fmt::print("export AWS_ACCESS_KEY_ID={}\nexport AWS_SECRET_ACCESS_KEY={}\n", key.access_key_id,
               key.secret);
  }
  return tell_server(folder);
}

Result<void> list_keys(const KeysFlags& flags, const Program& program) {
  const fs::path folder = TRY(server_folder(flags.data, program.locations));
  std::vector<identity::AccessKey> found;
  if (store::stores_in_folder(folder)->holds(identity::kDatabase)) {
    TRY(server::check_owner(folder));
    found = TRY(TRY(Keys::open(folder, flags))->identities->list_access_keys(flags.account));
  }
  json::array listed;
  for (const identity::AccessKey& key : found) {
    const std::int64_t created = key.created.time_since_epoch().count() / 1000;
    if (flags.json) {
      listed.push_back(json::object{{"access_key_id", key.id},
                                    {"user", key.user.empty() ? json::value() : json::value(key.user)},
                                    {"active", key.active},
                                    {"created", created}});
    } else {
      fmt::print("{}  {}  {}\n", key.id, key.active ? "active  " : "disabled",
                 key.user.empty() ? "(the account itself)" : key.user);
    }
  }
  if (flags.json) fmt::print("{}\n", json::serialize(listed));
  return {};
}

/// Finds the key by its id, wherever it belongs, and changes it.
Result<fs::path> change_key(const KeysFlags& flags, const Program& program,
                            Result<void> (*change)(identity::Identities&, const identity::Credential&)) {
  fs::path folder = TRY(server_folder(flags.data, program.locations));
  const auto no_such_key = [&] {
    return fail(ErrorKind::not_found, fmt::format("'{}' has no key '{}': `sightline keys list` shows them",
                                                  folder.string(), flags.id));
  };
  if (!store::stores_in_folder(folder)->holds(identity::kDatabase)) return no_such_key();
  TRY(server::check_owner(folder));
  const auto keys = TRY(Keys::open(folder, flags));
  const auto key = keys->identities->find_credential(flags.id);
  if (!key || key->session_token) return no_such_key();
  TRY(change(*keys->identities, *key));
  return folder;
}

Result<void> disable_key(const KeysFlags& flags, const Program& program) {
  const fs::path folder =
      TRY(change_key(flags, program, [](identity::Identities& identities, const identity::Credential& key) {
        return identities.update_access_key(key.principal.account, key.principal.name, key.access_key_id,
                                            identity::KeyState::inactive);
      }));
  if (flags.json) {
    fmt::print("{}\n", json::serialize(json::object{{"access_key_id", flags.id}, {"active", false}}));
  } else {
    fmt::print("{} is disabled\n", flags.id);
  }
  return tell_server(folder);
}

Result<void> delete_key(const KeysFlags& flags, const Program& program) {
  const fs::path folder =
      TRY(change_key(flags, program, [](identity::Identities& identities, const identity::Credential& key) {
        return identities.delete_access_key(key.principal.account, key.principal.name, key.access_key_id);
      }));
  if (flags.json) {
    fmt::print("{}\n", json::serialize(json::object{{"access_key_id", flags.id}, {"deleted", true}}));
  } else {
    fmt::print("{} is deleted\n", flags.id);
  }
  return tell_server(folder);
}

CLI::App* add_action(CLI::App& keys, const char* name, const char* what,
                     const std::shared_ptr<KeysFlags>& flags, Program& program,
                     Result<void> (*action)(const KeysFlags&, const Program&)) {
  CLI::App* command = keys.add_subcommand(name, what);
  command->add_option("--data", flags->data, "the server's folder (~/.local/share/sightline/server)")
      ->type_name("DIR");
  command
      ->add_option("--key-file", flags->key_file,
                   "the keys that seal secrets, as the server has it (sightline-key in the data folder)")
      ->type_name("FILE");
  command->add_flag("--json", flags->json, "write JSON to standard output");
  command->callback([flags, &program, action] {
    if (auto done = action(*flags, program); !done) {
      print_error(done.error());
      program.exit_code = exit_code(done.error().kind);
    }
  });
  return command;
}

}  // namespace

void add_keys_command(CLI::App& app, Program& program) {
  auto flags = std::make_shared<KeysFlags>();
  CLI::App* keys =
      app.add_subcommand("keys", "Make, list, disable and delete the keys that a server verifies");
  keys->require_subcommand(1);
  keys->footer(kKeysFooter);
  const auto account = [&](CLI::App* command) {
    command->add_option("--account", flags->account, "whose keys (000000000000)")->type_name("DIGITS");
  };
  CLI::App* create = add_action(*keys, "create", "Make a key; its secret is shown only this once", flags,
                                program, create_key);
  account(create);
  create->add_option("--user", flags->user, "whose key, instead of the account's own; made if need be")
      ->type_name("NAME");
  create
      ->add_option("--policy", flags->policies,
                   "a managed policy that says what the user may do; may be given again")
      ->type_name("NAME|ARN")
      ->take_all();
  create->add_flag("--also-for-older-keys", flags->also_for_older_keys,
                   "attach the policy to a user who has keys already, which can then do the same");
  account(add_action(*keys, "list", "List every key of the account, without its secret", flags, program,
                     list_keys));
  const auto id = [&](CLI::App* command) {
    command->add_option("id", flags->id, "the key's id")->required()->type_name("KEY-ID");
  };
  id(add_action(*keys, "disable", "Refuse requests of this key from now on", flags, program, disable_key));
  id(add_action(*keys, "delete", "Disable the key and make room for another; a user has two at most", flags,
                program, delete_key));
}

}  // namespace sightline::cli
