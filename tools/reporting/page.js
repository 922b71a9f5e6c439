// SPDX-License-Identifier: BSD-2-Clause
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const by = id => document.getElementById(id);
const rows = [...document.querySelectorAll("#matrix tbody tr")];
const filters = ["search", "vendor", "family", "differences", "failures", "news"].map(by);

// --- filters ---

function wanted(row) {
	const words = by("search").value.toLowerCase().split(/\s+/).filter(Boolean);
	const family = by("family").value;
	return words.every(word => row.dataset.words.toLowerCase().includes(word)) &&
		(!family || row.dataset.family === family) &&
		(!by("differences").checked || "differs" in row.dataset) &&
		(!by("failures").checked || "fails" in row.dataset) &&
		(!by("news").checked || "news" in row.dataset);
}

function ranHere(row) {
	return [...row.querySelectorAll("td:not([hidden]) button")].some(cell => !cell.classList.contains("skip"));
}

function filter() {
	const vendor = by("vendor").value;
	for (const cell of document.querySelectorAll("#matrix [data-vendor]"))
		cell.hidden = vendor !== "" && cell.dataset.vendor !== vendor;
	for (const row of rows)
		row.hidden = !wanted(row) || !ranHere(row);
	by("shown").textContent = `${rows.filter(row => !row.hidden).length} of ${rows.length} experiments`;
	history.replaceState(null, "", "#" + filters.map(f => f.type === "checkbox" ? +f.checked : encodeURIComponent(f.value)).join("&"));
}

// What is shown is in the address: it can be sent.
function restore() {
	location.hash.slice(1).split("&").forEach((value, i) => {
		if (filters[i] && filters[i].type === "checkbox")
			filters[i].checked = value === "1";
		else if (filters[i])
			filters[i].value = decodeURIComponent(value);
	});
}

// --- what a click shows ---

function add(parent, tag, text) {
	const made = document.createElement(tag);
	made.textContent = text;
	parent.append(made);
	return made;
}

function showExperiment(list, number) {
	const e = data.experiments[number];
	add(list, "dt", "claim");
	add(list, "dd", e.claim);
	add(list, "dt", "manual");
	add(list, "dd", `${e.manual} (${e.source})`);
	for (const [name, lines] of Object.entries(e.rules)) {
		add(list, "dt", `${name}: ${lines[0]}`);
		lines.slice(1).forEach(line => add(list, "dd", line));
	}
}

function showCell(list, number, index) {
	const column = data.columns[index], cell = data.cells[index][number] || {v: "passes", said: [], f: []};
	add(list, "dt", `${cell.v} on ${column.title} ${column.when}`);
	add(list, "dd", column.about);
	add(list, "dd", column.header);
	if (cell.news)
		add(list, "dd", `news: ${cell.news}`);
	if (cell.said.length)
		add(list, "pre", cell.said.join("\n"));
	for (const finding of cell.f) {
		add(list, "dt", `finding ${finding}: ${data.findings[finding] ? data.findings[finding].title : "?"}`);
		if (data.findings[finding])
			add(list, "pre", data.findings[finding].text);
	}
}

function show(number, index) {
	const content = by("content");
	content.replaceChildren();
	add(content, "h2", `${number} ${data.experiments[number].name}`);
	const list = add(content, "dl", "");
	if (index !== undefined)
		showCell(list, number, index);
	showExperiment(list, number);
	by("details").showModal();
	by("details").scrollTop = 0;
}

document.querySelector("#matrix tbody").addEventListener("click", event => {
	const button = event.target.closest("button");
	if (button)
		show(button.closest("tr").dataset.number, button.dataset.column);
});
by("close").addEventListener("click", () => by("details").close());
by("details").addEventListener("click", event => {
	if (event.target === by("details"))
		by("details").close();
});

// --- keys: arrows move, Enter opens, Escape closes, / searches ---

function neighbour(cell, key) {
	const row = cell.parentElement;
	if (key === "ArrowLeft" || key === "ArrowRight") {
		const cells = [...row.children].filter(c => !c.hidden && c.querySelector("button"));
		return cells[cells.indexOf(cell) + (key === "ArrowRight" ? 1 : -1)];
	}
	const shown = rows.filter(r => !r.hidden);
	const index = [...row.children].indexOf(cell);
	for (let i = shown.indexOf(row); (i += key === "ArrowDown" ? 1 : -1), shown[i];)
		if (shown[i].children[index].querySelector("button"))
			return shown[i].children[index];
}

document.addEventListener("keydown", event => {
	const cell = event.target.closest && event.target.closest("#matrix tbody th, #matrix tbody td");
	if (event.key === "/" && event.target.tagName !== "INPUT") {
		event.preventDefault();
		by("search").focus();
	} else if (cell && event.key.startsWith("Arrow")) {
		event.preventDefault();
		const next = neighbour(cell, event.key);
		if (next)
			next.querySelector("button").focus();
	}
});

by("theme").addEventListener("click", () => {
	const root = document.documentElement;
	const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
	root.dataset.theme = dark ? "light" : "dark";
});
filters.forEach(each => each.addEventListener("input", filter));
restore();
filter();
