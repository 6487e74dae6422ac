using System;
using System.Collections.Generic;
using System.Linq;
using System.Xml.Linq;

namespace TcpTools.HelpBuilder;

/// <summary>Writes the XML that Get-Help reads (MAML, one file for all cmdlets of an assembly).</summary>
internal static class MamlWriter
{
    private const string DefaultPrefix = "Default: ";
    private static readonly XNamespace s_msh = "http://msh";
    private static readonly XNamespace s_maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace s_command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace s_dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>Makes the document from each cmdlet and its page.</summary>
    public static XDocument Write(IEnumerable<(CmdletModel Cmdlet, HelpPage Page)> commands) => new(
        new XDeclaration("1.0", "utf-8", null),
        new XElement(
            s_msh + "helpItems",
            new XAttribute("schema", "maml"),
            commands.Select(c => Command(c.Cmdlet, c.Page))));

    private static XElement Command(CmdletModel cmdlet, HelpPage page) => new(
        s_command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", s_maml),
        new XAttribute(XNamespace.Xmlns + "command", s_command),
        new XAttribute(XNamespace.Xmlns + "dev", s_dev),
        new XElement(
            s_command + "details",
            new XElement(s_command + "name", cmdlet.Name),
            new XElement(s_command + "verb", cmdlet.Verb),
            new XElement(s_command + "noun", cmdlet.Noun),
            new XElement(s_maml + "description", Paragraphs([page.Synopsis]))),
        new XElement(s_maml + "description", Paragraphs(page.Description)),
        new XElement(s_command + "syntax", cmdlet.Sets.Select(set => SyntaxItem(cmdlet, page, set))),
        new XElement(
            s_command + "parameters",
            cmdlet.Parameters.Select(p => Parameter(p, Strongest(p), page, full: true)),
            RiskParameters(cmdlet, full: true)),
        new XElement(
            s_command + "inputTypes",
            page.Inputs.Select(i => TypeItem(s_command + "inputType", i.Type, i.Text))),
        new XElement(
            s_command + "returnValues",
            page.Outputs.Select(o => TypeItem(s_command + "returnValue", o.Type, o.Text))),
        new XElement(s_maml + "alertSet", new XElement(s_maml + "alert", Paragraphs(page.Notes))),
        new XElement(s_command + "examples", page.Examples.Select(Example)),
        new XElement(
            s_command + "relatedLinks",
            page.Links.Select(l => new XElement(
                s_maml + "navigationLink",
                new XElement(s_maml + "linkText", l.Text),
                new XElement(s_maml + "uri", l.Uri.StartsWith("http", StringComparison.Ordinal) ? l.Uri : "")))));

    private static XElement SyntaxItem(CmdletModel cmdlet, HelpPage page, string set) => new(
        s_command + "syntaxItem",
        new XElement(s_maml + "name", cmdlet.Name),
        cmdlet.ParametersOf(set).Select(p => Parameter(p.Parameter, p.Use, page, full: false)),
        RiskParameters(cmdlet, full: false));

    // One entry serves all sets in the list of parameters: it shows where the parameter asks most of the user.
    private static ParameterUse Strongest(ParameterModel parameter)
    {
        ParameterUse first = parameter.Uses.OrderBy(u => u.IsMandatory ? 0 : 1).ThenBy(u => u.Position ?? int.MaxValue).First();
        return first with
        {
            FromPipeline = parameter.Uses.Any(u => u.FromPipeline),
            FromPropertyName = parameter.Uses.Any(u => u.FromPropertyName),
        };
    }

    private static XElement Parameter(ParameterModel parameter, ParameterUse use, HelpPage page, bool full)
    {
        List<string> prose = page.Parameters.GetValueOrDefault(parameter.Name) ?? [];
        string? given = prose.FirstOrDefault(p => p.StartsWith(DefaultPrefix, StringComparison.Ordinal));
        string defaultValue = given?[DefaultPrefix.Length..].TrimEnd('.') ?? (parameter.IsSwitch ? "False" : "None");
        IReadOnlyList<string> values = parameter.AcceptedValues;
        return new XElement(
            s_command + "parameter",
            new XAttribute("required", use.IsMandatory ? "true" : "false"),
            new XAttribute("variableLength", "true"),
            new XAttribute("globbing", parameter.AcceptsWildcards ? "true" : "false"),
            new XAttribute("pipelineInput", use.PipelineInput),
            new XAttribute("position", use.Position?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "named"),
            new XAttribute("aliases", parameter.Aliases.Count == 0 ? "none" : string.Join(", ", parameter.Aliases)),
            new XElement(s_maml + "name", parameter.Name),
            full ? new XElement(s_maml + "description", Paragraphs([.. prose.Where(p => p != given), .. Accepted(values)])) : null,
            !full && values.Count > 0
                ? new XElement(s_command + "parameterValueGroup", values.Select(v => new XElement(
                    s_command + "parameterValue", new XAttribute("required", "false"), new XAttribute("variableLength", "false"), v)))
                : null,
            parameter.IsSwitch && !full
                ? null
                : new XElement(
                    s_command + "parameterValue",
                    new XAttribute("required", parameter.IsSwitch ? "false" : "true"),
                    new XAttribute("variableLength", parameter.Type.IsArray ? "true" : "false"),
                    parameter.TypeName),
            new XElement(s_dev + "type", new XElement(s_maml + "name", parameter.TypeName), new XElement(s_maml + "uri")),
            new XElement(s_dev + "defaultValue", defaultValue));
    }

    private static IEnumerable<string> Accepted(IReadOnlyList<string> values) =>
        values.Count == 0 ? [] : [$"Accepted values: {string.Join(", ", values)}."];

    private static XElement[] RiskParameters(CmdletModel cmdlet, bool full) => cmdlet.SupportsShouldProcess
        ? [
            RiskParameter("WhatIf", "wi", full ? "Says what would be done and does nothing." : ""),
            RiskParameter("Confirm", "cf", full ? "Asks before doing it." : ""),
        ]
        : [];

    private static XElement RiskParameter(string name, string alias, string text) => new(
        s_command + "parameter",
        new XAttribute("required", "false"),
        new XAttribute("variableLength", "true"),
        new XAttribute("globbing", "false"),
        new XAttribute("pipelineInput", "False"),
        new XAttribute("position", "named"),
        new XAttribute("aliases", alias),
        new XElement(s_maml + "name", name),
        text.Length > 0 ? new XElement(s_maml + "description", Paragraphs([text])) : null,
        text.Length > 0 ? new XElement(s_command + "parameterValue", new XAttribute("required", "false"), new XAttribute("variableLength", "false"), "SwitchParameter") : null,
        new XElement(s_dev + "type", new XElement(s_maml + "name", "SwitchParameter"), new XElement(s_maml + "uri")),
        new XElement(s_dev + "defaultValue", "False"));

    private static XElement TypeItem(XName name, string type, IReadOnlyList<string> text) => new(
        name,
        new XElement(s_dev + "type", new XElement(s_maml + "name", type)),
        new XElement(s_maml + "description", Paragraphs(text)));

    private static XElement Example(HelpExample example) => new(
        s_command + "example",
        new XElement(s_maml + "title", $"--- {example.Title} ---"),
        new XElement(s_dev + "code", example.Code),
        new XElement(s_dev + "remarks", Paragraphs(example.Remarks)));

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> texts) => texts.Select(t => new XElement(s_maml + "para", t));
}
