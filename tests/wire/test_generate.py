"""tools/wire/generate.py: what it writes from a model, a list of operations and an overlay."""
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "src/aws/wire/test_models/json.json"


class Generate(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="sightline-wire-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def generate(self, operations, overlay=None, model=MODEL, status=0, namespace="test", service=None):
        """Header and source, or what stands on stderr."""
        names = self.folder / "operations.txt"
        # What callers must be allowed is the matter of few tests.
        names.write_text("".join(line + ("\n" if " " in line else " none\n") for line in operations.splitlines()))
        command = [sys.executable, ROOT / "tools/wire/generate.py", "--model", model, "--operations", names,
                   "--namespace", namespace, "--include", "x/model.h", "--out", self.folder]
        if service:
            command += ["--service", service]
        if overlay:
            (self.folder / "overlay.json").write_text(json.dumps(overlay))
            command += ["--overlay", self.folder / "overlay.json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        if status:
            return done.stderr
        return (self.folder / "x/model.h").read_text(), (self.folder / "x/model.cpp").read_text()

    def test_structs_are_made_for_wanted_operations_alone(self):
        header, source = self.generate("PutItem\n")
        self.assertIn("struct PutItem {", header)
        self.assertNotIn("CheckInput", header)
        self.assertIn('{.name = "Check", .method = "POST", .uri = "/"}', source)

    def test_a_structure_that_contains_itself_is_boxed(self):
        header, _ = self.generate("PutItem\n")
        self.assertIn("wire::Box<Tree> child;", header)
        self.assertIn("std::optional<std::map<std::string, AttributeValue>> m;", header)

    def test_names_fit_into_cpp(self):
        header, _ = self.generate("PutItem\n")
        self.assertIn("std::optional<std::string> delete_;", header)
        self.assertIn("std::optional<Timestamp> when_text;".replace("Timestamp", "wire::Timestamp"), header)

    def test_an_overlay_adds_to_the_model(self):
        overlay = {"shapes": {"Letters": {"max": 7}, "Added": {"type": "structure", "members": {}, "exception": True}}}
        header, source = self.generate("Check\n", overlay)
        self.assertIn('.name = "Letters", .max = 7', source)
        self.assertIn("kAdded{", header)

    def test_an_overlay_has_words_for_values_that_an_enumeration_lacks(self):
        overlay = {"shapes": {"Letters": {"enum": ["A"], "refusal": {"code": "NoSuchLetter", "message": "Try A"}}}}
        self.assertIn('.values = kLettersValues, .refusal = {"NoSuchLetter", "Try A"}', self.generate("Check\n", overlay)[1])

    def test_the_query_protocol_gets_tables_of_its_own_over_the_same_structs(self):
        overlay = {"query": {"metadata": {"protocol": "query"}}}
        header, source = self.generate("PutItem\n", overlay)
        self.assertEqual(header, self.generate("PutItem\n")[0])
        older, newer = source.split("}  // namespace query")
        self.assertIn('.result_wrapper = "PutItemResult"', older)
        self.assertNotIn("result_wrapper", newer)
        self.assertIn(".twin = &query::kPutItem", newer)
        self.assertIn(".twin = &query::kService", newer)

    def test_a_gzipped_model_is_the_same(self):
        packed = self.folder / "service-2.json.gz"
        packed.write_bytes(gzip.compress(MODEL.read_bytes()))
        self.assertEqual(self.generate("PutItem\n", model=packed), self.generate("PutItem\n"))

    def test_a_row_says_what_callers_must_be_allowed(self):
        _, source = self.generate("Check test:Check arn:aws:test:::{Name} test:path={Path}, test:Other *\n")
        self.assertIn('kCheckConditions0[] = {{"test:path", "{Path}"}}', source)
        self.assertIn('{.action = "test:Check", .resource = "arn:aws:test:::{Name}", .conditions = kCheckConditions0}', source)
        self.assertIn('{.action = "test:Other", .resource = "*"}', source)
        self.assertIn(".permissions = kCheckPermissions", source)
        self.assertIn(".permitted_by = wire::PermittedBy::handler", self.generate("Check by-handler test:Check\n")[1])

    def test_rows_of_permissions_that_cannot_be_right_are_refused(self):
        def refused(row, overlay=None):
            return self.generate(f"Check {row}\n", overlay, status=1)
        self.assertIn("is no member", refused("test:Check {Nothing}"))
        self.assertIn("may be left out", refused("test:Check {Path}"))
        self.assertIn("no text or number", refused("test:Check {Items}"))
        for unclosed in ("{Name", "Name}", "{Name??}", "{{Name}}", "{}"):
            self.assertIn("a hole is", refused(f"test:Check {unclosed}"))
        deep = {"shapes": {"Entry": {"members": {"RoleArn": {"shape": "Name"}}}}}
        self.assertIn("iam:PassRole", refused("test:Check *", deep))
        self.assertIn("iam:PassRole", refused("by-function test:Check", deep))
        self.assertIn("needs a resource", refused("test:Check "))
        self.assertIn("is no action", refused("Check *"))
        self.assertIn("no action", refused("by-function"))
        self.assertIn("KEY=TEMPLATE", refused("test:Check * more"))
        takes_role = {"shapes": {"CheckInput": {"members": {"RoleArn": {"shape": "Name"}}}}}
        self.assertIn("iam:PassRole", refused("test:Check *", takes_role))
        self.generate("Check test:Check *, iam:PassRole {RoleArn?}\n", takes_role)

    def test_an_operation_without_a_row_is_refused(self):
        model = self.folder / "bare.txt"
        model.write_text("Check\n")
        command = [sys.executable, ROOT / "tools/wire/generate.py", "--model", MODEL, "--operations", model,
                   "--namespace", "test", "--include", "x/model.h", "--out", self.folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Check says nothing of what a caller must be allowed", done.stderr)

    def test_mistakes_are_told(self):
        self.assertIn("no operation Nothing", self.generate("Nothing\n", status=1))
        self.assertIn("sorted", self.generate("PutItem\nCheck\n", status=1))
        self.assertIn("not a whole number", self.generate("Check\n", {"shapes": {"Percent": {"max": 0.5}}}, status=1))
        self.assertIn("no codec", self.generate("Check\n", {"metadata": {"protocol": "ec2"}}, status=1))
        self.assertIn("has the trait strange", self.generate("Check\n", {"traits": ["strange"]}, status=1))
        self.assertIn("no name of a namespace", self.generate("Check\n", status=1, namespace="cognito-idp"))

    def test_a_service_may_have_a_name_that_no_namespace_has(self):
        _, source = self.generate("Check\n", namespace="cognito_idp", service="cognito-idp")
        self.assertIn("namespace sightline::aws::cognito_idp {", source)
        self.assertIn('kService = {.name = "cognito-idp"', source)

    def test_an_overlay_says_what_sets_a_service_apart(self):
        overlay = {"traits": ["path_as_is", "bucket_in_host"], "metadata": {"throttling": "TooMuch"}}
        _, source = self.generate("Check\n", overlay)
        self.assertIn(".traits = {.bucket_in_host = true, .path_as_is = true}", source)
        self.assertIn('.throttling = "TooMuch"', source)

    def test_an_exception_that_carries_its_members_has_a_struct_of_them(self):
        carried = {"shapes": {"ItemGone": {"carried": True, "members": {"Where": {"shape": "Name"}}}}}
        header, source = self.generate("Check\n", carried)
        self.assertIn("struct ItemGone {\n  std::optional<std::string> where;\n};", header)
        self.assertIn("wire::ServiceError item_gone(ItemGone members, std::string message)", header)
        self.assertIn("const wire::Shape kItemGoneMembers = Shapes::kItemGone;", source)
        self.assertNotIn("struct ItemGone", self.generate("Check\n")[0])

    def test_only_rest_looks_at_where_members_stand(self):
        places = {"shapes": {"CheckInput": {"payload": "Data", "members": {"Path": {"shape": "Letters", "location": "header"}}}}}
        self.assertNotIn("Location::", self.generate("Check\n", places)[1])
        _, source = self.generate("Check\n", {**places, "metadata": {"protocol": "rest-json"}})
        self.assertIn("Location::header", source)
        self.assertIn("Location::payload", source)

    def test_what_a_protocol_cannot_carry_is_refused(self):
        def refused(protocol, shape):
            return self.generate("Check\n", {"metadata": {"protocol": protocol}, "shapes": {"CheckInput": shape}}, status=1)
        streamed = {"payload": "Data", "members": {"Data": {"shape": "SmallBlob", "streaming": True}}}
        for protocol in ("json", "query"):
            self.assertIn(f"streams Data, which the {protocol} protocol cannot", refused(protocol, streamed))
        self.assertIn("not its whole body", refused("rest-json", {"members": streamed["members"]}))
        self.assertIn("a whole body, and a map", refused("rest-json", {"payload": "Tags"}))
        twin = {"metadata": {"protocol": "rest-json"}, "shapes": {"CheckInput": streamed},
                "query": {"metadata": {"protocol": "query"}}}
        self.assertIn("streams Data, which the query protocol cannot", self.generate("Check\n", twin, status=1))


if __name__ == "__main__":
    unittest.main()
