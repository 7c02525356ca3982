/// The figures of `bench batching` as a picture.
module Bento.Bench.BatchingPlot

open System
open System.Globalization

/// What is shown of one model: rows a second by callers, and what the machine could do for the most of them.
type Panel = {
    Title: string
    Callers: int list
    Alone: float list
    Batched: float list
    Bound: float
}

let private panelWidth, panelHeight = 360., 300.
let private left, top, bottom = 24., 72., 44.
let private barWidth = 40.

let private aloneColour, batchedColour, boundColour =
    "#a3adb8", "#2563eb", "#c2410c"

let private number (value: float) =
    value.ToString("0.#", CultureInfo.InvariantCulture)

/// A rate in three digits.
let private rate (value: float) =
    if value >= 10_000. then
        (value / 1_000.).ToString("0.0", CultureInfo.InvariantCulture) + "k"
    else
        value.ToString("#,0", CultureInfo.InvariantCulture)

let private text anchor x y size colour (content: string) =
    $"""<text x="%s{number x}" y="%s{number y}" text-anchor="%s{anchor}" font-size="%d{size}" fill="%s{colour}">%s{content}</text>"""

let private rectangle x y width height colour =
    $"""<rect x="%s{number x}" y="%s{number y}" width="%s{number width}" height="%s{number height}" fill="%s{colour}"/>"""

let private line x1 y1 x2 y2 colour dashes =
    $"""<line x1="%s{number x1}" y1="%s{number y1}" x2="%s{number x2}" y2="%s{number y2}" stroke="%s{colour}" stroke-width="1.5" stroke-dasharray="%s{dashes}"/>"""

let private panel offset (panel: Panel) = [
    let most = List.max (panel.Bound :: panel.Alone @ panel.Batched)
    let floor = top + panelHeight - bottom
    let heightOf value = value / most * (floor - top - 24.)
    let group = (panelWidth - 2. * left) / float panel.Callers.Length
    text "start" (offset + left) (top - 14.) 15 "#111827" panel.Title

    for index, (callers, alone, batched) in List.zip3 panel.Callers panel.Alone panel.Batched |> List.indexed do
        let middle = offset + left + group * (float index + 0.5)

        for x, value, colour in
            [
                middle - barWidth - 2., alone, aloneColour
                middle + 2., batched, batchedColour
            ] do
            rectangle x (floor - heightOf value) barWidth (heightOf value) colour
            text "middle" (x + barWidth / 2.) (floor - heightOf value - 5.) 12 "#374151" (rate value)

        let word = if callers = 1 then "caller" else "callers"
        text "middle" middle (floor + 20.) 13 "#374151" $"%d{callers} %s{word}"

        if index = panel.Callers.Length - 1 then
            let y = floor - heightOf panel.Bound
            line (middle - group / 2.) y (middle + group / 2.) y boundColour "5 3"
            text "end" (middle - group / 2. - 6.) (y + 4.) 12 boundColour $"at best %s{rate panel.Bound}"

    line (offset + left) floor (offset + panelWidth - left) floor "#111827" "none"
]

/// The panels side by side, below a line that says what is what.
let draw (panels: Panel list) =
    let width = panelWidth * float panels.Length
    let height = top + panelHeight

    String.Join(
        '\n',
        [
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %s{number width} %s{number height}" font-family="system-ui, sans-serif">"""
            rectangle 0. 0. width height "#ffffff"
            text "start" left 26. 15 "#111827" "Rows a second"
            rectangle (left + 124.) 15. 12. 12. aloneColour
            text "start" (left + 142.) 26. 13 "#374151" "one by one"
            rectangle (left + 226.) 15. 12. 12. batchedColour
            text "start" (left + 244.) 26. 13 "#374151" "batched"
            line (left + 312.) 21. (left + 336.) 21. boundColour "5 3"
            text "start" (left + 342.) 26. 13 "#374151" "what the machine could do"

            for index, shown in List.indexed panels do
                yield! panel (panelWidth * float index) shown

            "</svg>"
            ""
        ]
    )
