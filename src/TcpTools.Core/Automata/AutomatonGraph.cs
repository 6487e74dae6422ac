using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace TcpTools.Automata;

/// <summary>
/// An automaton's definition as a drawing: its states as nodes, its rules as edges, with the names of actions beside them.
/// </summary>
public static class AutomatonGraph
{
    /// <summary>In the language of Graphviz.</summary>
    /// <param name="definition">What to draw.</param>
    /// <param name="current">A state to emphasize; null for none.</param>
    public static string ToDot(AutomatonDefinition definition, string? current = null)
    {
        ArgumentNullException.ThrowIfNull(definition);
        StringBuilder text = new();
        text.Append("digraph ").Append(Quote(definition.Name)).Append(" {\n");
        text.Append("    node [shape=ellipse, fontname=\"sans-serif\"];\n    edge [fontname=\"sans-serif\", fontsize=10];\n");
        foreach (AutomatonState state in definition.States)
        {
            string look = state.Kind switch
            {
                AutomatonStateKind.Initial => "shape=box, style=filled, fillcolor=lightblue",
                AutomatonStateKind.Final => "shape=doubleoctagon, style=filled, fillcolor=palegreen",
                AutomatonStateKind.Error => "shape=octagon, style=filled, fillcolor=lightcoral",
                AutomatonStateKind.Stop => "shape=box, style=filled, fillcolor=orange",
                _ => "",
            };
            string emphasis = Is(current, state) ? "penwidth=3" : "";
            string attributes = string.Join(", ", new[] { look, emphasis }.Where(one => one.Length > 0));
            text.Append("    ").Append(Quote(state.Name)).Append(attributes.Length > 0 ? $" [{attributes}]" : "").Append(";\n");
        }

        foreach ((AutomatonRule rule, string from, string to, string label) in Edges(definition))
        {
            string color = rule.Trigger switch
            {
                AutomatonTrigger.Condition => "purple",
                AutomatonTrigger.Packet => "red",
                AutomatonTrigger.Data or AutomatonTrigger.DataEnd => "brown",
                AutomatonTrigger.Input or AutomatonTrigger.InputEnd => "orange",
                _ => "blue",
            };
            text.Append("    ").Append(Quote(from)).Append(" -> ").Append(Quote(to))
                .Append(" [label=").Append(Quote(label)).Append(", color=").Append(color)
                .Append(rule.Target is null ? ", style=dashed" : "").Append("];\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>In the language of Mermaid.</summary>
    /// <param name="definition">What to draw.</param>
    /// <param name="current">A state to emphasize; null for none.</param>
    public static string ToMermaid(AutomatonDefinition definition, string? current = null)
    {
        ArgumentNullException.ThrowIfNull(definition);
        Dictionary<string, string> names = new(StringComparer.OrdinalIgnoreCase);
        StringBuilder text = new("stateDiagram-v2\n");
        foreach (AutomatonState state in definition.States)
        {
            // A name of Mermaid's is a word; what people see may be anything.
            string id = FormattableString.Invariant($"s{names.Count}");
            names.Add(state.Name, id);
            text.Append("    state ").Append('"').Append(Plain(state.Name)).Append("\" as ").Append(id).Append('\n');
        }

        text.Append("    [*] --> ").Append(names[definition.Initial.Name]).Append('\n');
        foreach ((AutomatonRule _, string from, string to, string label) in Edges(definition))
        {
            text.Append("    ").Append(names[from]).Append(" --> ").Append(names[to]).Append(" : ").Append(Plain(label)).Append('\n');
        }

        foreach (AutomatonState state in definition.States.Where(state => state.IsEnd))
        {
            text.Append("    ").Append(names[state.Name]).Append(" --> [*]\n");
        }

        if (definition.States.FirstOrDefault(state => Is(current, state)) is { } here)
        {
            text.Append("    classDef here stroke-width:4px\n    class ").Append(names[here.Name]).Append(" here\n");
        }

        return text.ToString();
    }

    private static bool Is(string? name, AutomatonState state) => name is not null && AutomatonDefinition.Same(name, state.Name);

    private static IEnumerable<(AutomatonRule Rule, string From, string To, string Label)> Edges(AutomatonDefinition definition)
    {
        foreach (AutomatonRule rule in definition.Rules)
        {
            string[] actions = [.. definition.Actions.Where(action => AutomatonDefinition.Same(action.Rule, rule.Name)).Select(action => $"> {action.Name}")];
            string label = string.Join('\n', actions.Prepend(rule.Label));
            foreach (string from in rule.States)
            {
                IEnumerable<string> targets = rule.Target is null && rule.OtherTargets.Count == 0
                    ? [from]
                    : rule.OtherTargets.Prepend(rule.Target ?? rule.OtherTargets[0]).Distinct(StringComparer.OrdinalIgnoreCase);
                foreach (string to in targets)
                {
                    yield return (rule, from, definition.GetState(to).Name, label);
                }
            }
        }
    }

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    /// <summary>Mermaid ends labels at what it has a meaning for.</summary>
    private static string Plain(string text)
    {
        StringBuilder plain = new();
        foreach (char c in text)
        {
            plain.Append(c switch
            {
                '\n' => ", ",
                '"' => "'",
                ':' or ';' or '#' or '{' or '}' or '[' or ']' => " ",
                _ when char.IsControl(c) => " ",
                _ => c.ToString(),
            });
        }

        return plain.ToString();
    }
}
