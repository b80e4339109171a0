// Draws the glacier that was chosen on the map, in the list or by the buttons.
// The arrays hold all glaciers one after the other; see pack.py.
const ids = glaciers.data.glacier_id;
const ready = cb_obj.value === undefined && cb_obj.indices === undefined;
let i;
if (cb_obj.indices !== undefined) {
  // a click beside every glacier keeps the one that is shown
  i = cb_obj.indices.length > 0 ? cb_obj.indices[0] : ids.indexOf(select.value);
} else {
  const asked = decodeURIComponent(window.location.hash.slice(1));
  i = ids.indexOf(ready && ids.indexOf(asked) >= 0 ? asked : select.value);
}
if (i < 0) { return; }
if (select.value !== ids[i]) { select.value = ids[i]; return; }
if (glaciers.selected.indices.length !== 1 || glaciers.selected.indices[0] !== i) {
  glaciers.selected.indices = [i];
}
if (!ready) {
  try { window.history.replaceState(null, "", "#" + encodeURIComponent(ids[i])); } catch (e) { /* a frame */ }
}
summary.text = glaciers.data.summary[i];
chosen_source.data = {x: [glaciers.data.x[i]], y: [glaciers.data.y[i]]};

const DAY = 86400000;

// monthly series
const T = months.length;
const monthly = {time: [], change: [], low: [], high: [], slow: [], seen: [], se: []};
const seen = {time: [], change: []};
for (let t = 0; t < T; t++) {
  const k = i * T + t, value = change[k], error = change_se[k];
  monthly.time.push(months[t] * DAY);
  monthly.change.push(value);
  monthly.low.push(value - 1.96 * error);
  monthly.high.push(value + 1.96 * error);
  monthly.se.push(error);
  monthly.slow.push(slow[k]);
  monthly.seen.push(count[k] === 0 ? "modelled, no trace in this month"
    : count[k] === 1 ? "1 trace in this month" : count[k] + " traces in this month");
  if (count[k] > 0) { seen.time.push(months[t] * DAY); seen.change.push(value); }
}
series_source.data = monthly;
seen_source.data = seen;
series_title.text = monthly.change.some(isFinite) ? glaciers.data.title[i]
  : "No series: the glacier has no usable trace";

// observations
const traces = {time: [], change: [], low: [], high: [], se: [], sensor: []};
for (let k = trace_from[i]; k < trace_from[i + 1]; k++) {
  traces.time.push(trace_day[k] * DAY);
  traces.change.push(trace_change[k]);
  traces.low.push(trace_change[k] - trace_se[k]);
  traces.high.push(trace_change[k] + trace_se[k]);
  traces.se.push(trace_se[k]);
  traces.sensor.push(sensors[trace_sensor[k]]);
}
trace_source.data = traces;

// mean seasonal cycle; nothing where it is not resolved
const mean = {month: [], cycle: [], low: [], high: [], se: []};
for (let m = 0; m < 12; m++) {
  const value = cycle[i * 12 + m], error = cycle_se[i * 12 + m];
  if (!isFinite(value)) { continue; }
  const spread = isFinite(error) ? 1.96 * error : 0;
  mean.month.push(m + 1);
  mean.cycle.push(value);
  mean.low.push(value - spread);
  mean.high.push(value + spread);
  mean.se.push(error);
}
const reach = 1.1 * Math.max(1, ...mean.low.map(Math.abs), ...mean.high.map(Math.abs));
cycle_frame.forEach(part => { part.visible = mean.month.length > 0; });
cycle_y.start = -reach; cycle_y.end = reach;
cycle_source.data = mean;
cycle_title.text = mean.month.length > 0 ? "Mean seasonal cycle (m), with 95 % band"
  : "Mean seasonal cycle: not resolved by the traces";

// fronts in plan
const drawn = [0, 1, 2, 3].map(() => ({xs: [], ys: [], year: [], label: []}));
const x0 = origin[2 * i], y0 = origin[2 * i + 1];
for (let k = line_from[i]; k < line_from[i + 1]; k++) {
  const xs = [], ys = [];
  for (let p = point_from[k]; p < point_from[k + 1]; p++) {
    xs.push(x0 + step * points[2 * p]);
    ys.push(y0 + step * points[2 * p + 1]);
  }
  const kind = drawn[line_kind[k]];
  kind.xs.push(xs);
  kind.ys.push(ys);
  kind.year.push(line_year[k]);
  kind.label.push(labels[line_label[k]]);
}
front_source.data = drawn[0];
rejected_source.data = drawn[1];
fjord_source.data = drawn[2];
centreline_source.data = drawn[3];
plan_x.start = x0 - half[i]; plan_x.end = x0 + half[i];
plan_y.start = y0 - half[i]; plan_y.end = y0 + half[i];
plan_x.reset_start = plan_x.start; plan_x.reset_end = plan_x.end;
plan_y.reset_start = plan_y.start; plan_y.reset_end = plan_y.end;
