// What the scripts share. Each holds cases, of which `node SCRIPT CASE` runs one; endpoint, region and key come from the
// environment, as the SDKs read them.
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");

const endpoint = process.env.AWS_ENDPOINT_URL;

/** What a name below localhost needs where the system's resolver does not know it. */
function loopbackAgent() {
  return new http.Agent({
    keepAlive: true,
    lookup: (_, options, done) =>
      options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4),
  });
}

module.exports = {
  endpoint,
  loopbackAgent,
  byName: endpoint.replace("127.0.0.1", "localhost"),
  picture: (name) => fs.readFileSync(path.join(process.env.SIGHTLINE_PICTURES, name)),
  picturePath: (name) => path.join(process.env.SIGHTLINE_PICTURES, name),
  unique: (name) => `${name}-${process.pid}-${Date.now()}`,
  sleep: (ms) => new Promise((done) => setTimeout(done, ms)),

  /** The error that a call ends in. */
  async failure(promise) {
    try {
      await promise;
    } catch (error) {
      return error;
    }
    throw new Error("the call succeeded");
  },

  run(cases) {
    Promise.resolve(cases[process.argv[2]]()).then(
      () => process.exit(0),
      (error) => {
        console.error(error);
        process.exit(1);
      },
    );
  },
};
