// SPDX-License-Identifier: Apache-2.0
// Puts the page together, and draws it again where the theme, the width or the medium changes.
'use strict';

lnsim.configuration_section = () => {
  const reports = lnsim.view.reports;
  const first = reports[0];
  const notes = lnsim.element('ul');
  for (const note of first.notes || []) notes.append(lnsim.element('li', {}, note));
  const parts = reports.map(report => lnsim.fold(`Resolved inputs: ${report.scheme}`,
    lnsim.element('pre', {tabindex: '0', 'aria-label': `resolved inputs of ${report.scheme}`},
                  JSON.stringify(report.config, null, 2))));
  lnsim.section('configuration', 'Configuration', lnsim.element('p', {},
    `lnsim ${first.version}, engine ${first.engine}` +
    (first.reproducible === false ? '; the mapping depends on how long its search ran, so the numbers are not reproducible' : '') + '.'),
    notes, ...parts);
};

lnsim.navigation = () => {
  const list = document.querySelector('nav ul');
  for (const section of document.querySelectorAll('main > section')) {
    list.append(lnsim.element('li', {}, lnsim.element('a', {href: '#' + section.id}, section.querySelector('h2').textContent)));
  }
  const box = lnsim.element('input', {type: 'checkbox', name: 'patterns'});
  box.addEventListener('change', () => { lnsim.patterns = box.checked; lnsim.redraw_all(); });
  document.querySelector('nav').append(lnsim.element('div', {class: 'controls'}, lnsim.element('label', {}, box, 'Patterns in the bars')));
};

lnsim.build_reports = () => {
  lnsim.header();
  lnsim.overview();
  lnsim.energy_section();
  lnsim.layers_section();
  lnsim.stalls_section();
  lnsim.roofline_section();
  lnsim.memory_section();
  lnsim.carbon_section();
  lnsim.configuration_section();
};

lnsim.build = () => {
  if (lnsim.view.training) lnsim.build_training();
  else if (lnsim.view.accumulation) lnsim.build_accumulation();
  else if (lnsim.view.sweep) lnsim.build_sweep();
  else lnsim.build_reports();
  document.getElementById('content').append(lnsim.element('footer', {},
    'Energies in joules, carbon in grams of CO2 equivalent. Overlap between passes is not modelled. Charts: Apache ECharts.'));
  lnsim.navigation();
  lnsim.redraw_all();
};

lnsim.build();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', lnsim.redraw_all);
matchMedia('print').addEventListener('change', lnsim.redraw_all);
let lnsim_resized;
window.addEventListener('resize', () => {
  clearTimeout(lnsim_resized);
  lnsim_resized = setTimeout(lnsim.redraw_all, 100);
});
document.documentElement.setAttribute('data-ready', 'yes');
