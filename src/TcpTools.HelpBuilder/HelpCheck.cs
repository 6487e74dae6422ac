using System.Collections.Generic;
using System.Linq;

namespace TcpTools.HelpBuilder;

/// <summary>Finds where pages and cmdlets have drifted apart.</summary>
internal static class HelpCheck
{
    /// <summary>A sentence for each thing that does not fit.</summary>
    public static IEnumerable<string> Run(IReadOnlyList<CmdletModel> cmdlets, IReadOnlyDictionary<string, HelpPage> pages)
    {
        foreach (string page in pages.Keys.Except(cmdlets.Select(c => c.Name)))
        {
            yield return $"{page}.md: there is no such cmdlet";
        }

        foreach (CmdletModel cmdlet in cmdlets)
        {
            if (!pages.TryGetValue(cmdlet.Name, out HelpPage? page))
            {
                yield return $"{cmdlet.Name}: there is no page docs/en-US/{cmdlet.Name}.md";
                continue;
            }

            foreach (string complaint in Check(cmdlet, page))
            {
                yield return $"{cmdlet.Name}.md: {complaint}";
            }
        }
    }

    private static IEnumerable<string> Check(CmdletModel cmdlet, HelpPage page)
    {
        if (page.Name != cmdlet.Name)
        {
            yield return $"the first heading is '{page.Name}'";
        }

        if (page.Synopsis.Length == 0)
        {
            yield return "no SYNOPSIS";
        }

        if (page.Description.Count == 0)
        {
            yield return "no DESCRIPTION";
        }

        if (!page.Examples.Any() || page.Examples.Any(e => e.Code.Length == 0))
        {
            yield return "no example, or one without code";
        }

        if (cmdlet.OutputTypes.Count > 0 && !page.Outputs.Any())
        {
            yield return "no OUTPUTS";
        }

        Dictionary<string, List<string>> documented = page.Parameters;
        foreach (ParameterModel parameter in cmdlet.Parameters)
        {
            if (!documented.TryGetValue(parameter.Name, out List<string>? text) || text.Count == 0)
            {
                yield return $"no word about -{parameter.Name}";
            }
        }

        foreach (string name in documented.Keys.Except(cmdlet.Parameters.Select(p => p.Name)).Except(["WhatIf", "Confirm", "CommonParameters"]))
        {
            yield return $"there is no parameter -{name}";
        }
    }
}
