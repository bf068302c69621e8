//! The report of a check as one document.

use super::evidence::LastMoments;
use super::outcome::{Standing, Summary};
use super::subject::Level;
use serde_json::{Value, json};

/// The document, ending in a line feed.
pub(super) fn print(summary: &Summary) -> String {
    let cases = summary.rows.iter().map(|row| {
        json!({
            "name": row.case.name(),
            "title": row.case.title(),
            "cites": row.case.cites,
            "result": row.standing.word(),
            "seen": row.standing.seen(),
            "seconds": row.report.took.as_secs_f64(),
            "details": row.details(),
            "broken_rules": row.broken_rules,
            "place": row.last_moments.as_ref().and_then(|last| last.place.as_deref()),
            "last_calls": row.last_moments.as_ref().map(last_calls),
        })
    });
    let questions = summary.questions.iter().map(|question| {
        json!({
            "asked": question.what,
            "result": question.verdict.word(),
            "seconds": question.took.as_secs_f64(),
            "details": question.details(),
            "place": question.last_moments.place,
            "last_calls": last_calls(&question.last_moments),
        })
    });
    let counts: serde_json::Map<String, Value> = Standing::WORDS
        .iter()
        .map(|word| ((*word).to_owned(), summary.count(word).into()))
        .collect();
    let levels = summary.chain.layers.iter().map(level);
    let base = summary.chain.base.as_ref().map(|base| {
        let mut document = level(&base.level);
        document["protocols"] = base.protocols().into();
        document
    });
    document(&json!({
        "verdict": summary.exit().verdict(),
        "seconds": summary.elapsed.as_secs_f64(),
        "levels": levels.collect::<Vec<_>>(),
        "base": base,
        "notes": summary.chain.notes,
        "questions": questions.collect::<Vec<_>>(),
        "counts": counts,
        "cases": cases.collect::<Vec<_>>(),
    }))
}

fn level(level: &Level) -> Value {
    json!({
        "name": level.name,
        "source": level.source,
        "module": level.module,
        "handles": level.handle_word(),
    })
}

fn last_calls(last: &LastMoments) -> Value {
    let calls = last.calls.iter().map(|call| {
        json!({
            "thread": call.thread,
            "provider": call.provider,
            "function": call.function,
            "end": call.end,
        })
    });
    calls.collect()
}

/// The document of a check that could not begin.
pub(super) fn unusable(reason: &str) -> String {
    document(&json!({ "verdict": "unusable", "unusable": reason }))
}

fn document(value: &Value) -> String {
    format!("{value:#}\n")
}
