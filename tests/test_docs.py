"""The pages can't lag behind the code."""

from __future__ import annotations

from pathlib import Path

import pytest

import kerchief
from kerchief.cli.main import app
from kerchief.errors import ExitCode
from kerchief.models.custom import OwnCard
from kerchief.plan.model import Decision, Looked, MediaRef, Plan, Region, Style, Track
from kerchief.prove.audit import AuditReport, Column, Gap, Group, Slice
from kerchief.prove.differential import Differential, Errors
from kerchief.prove.receipt import Applied, Checked, OutputRef, Receipt

ROOT = Path(__file__).parent.parent


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_command_is_in_the_readme():
    names = {command.callback.__name__ for command in app.registered_commands}
    assert names == {"redact", "plan", "render", "check", "audit", "doctor"}
    for name in names:
        assert f"kerchief {name}" in page("README.md")


@pytest.mark.parametrize("code", list(ExitCode))
def test_every_exit_code_is_documented(code):
    assert f"| {int(code)} |" in page("docs/exit-codes.md")


@pytest.mark.parametrize("model", [Plan, MediaRef, Looked, Style, Track, Decision, Region])
def test_every_field_of_a_plan_is_documented(model):
    for name, field in model.model_fields.items():
        assert f"`{field.alias or name}`" in page("docs/plan-format.md")


@pytest.mark.parametrize("model", [Receipt, OutputRef, Applied, Checked])
def test_every_field_of_a_receipt_is_documented(model):
    for name, field in model.model_fields.items():
        assert f"`{field.alias or name}`" in page("docs/receipt-format.md")


@pytest.mark.parametrize("model", [AuditReport, Group, Column, Gap, Slice, Differential, Errors])
def test_every_field_of_an_audit_is_documented(model):
    for name, field in model.model_fields.items():
        assert f"`{field.alias or name}`" in page("docs/bias.md")


def test_every_field_of_a_card_is_documented():
    for name in OwnCard.model_fields:
        assert f'"{name}"' in page("docs/own-detector.md")


def test_every_public_name_is_there():
    for name in kerchief.__all__:
        assert getattr(kerchief, name) is not None
